using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Testing.Objects;
using Xunit;

namespace Deucalion.Compactor.Tests.Compaction;

public sealed class CompactionRunTests : IDisposable
{
    private readonly CompactionScene _scene = new();
    private readonly Random _random = new(5);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task ADayBecomesOneBlock_AndItsSourcesGoAfterTheDelay()
    {
        var sources = await PublishDayAsync();
        var before = await _scene.SamplesAsync();
        await _scene.RunAsync();
        var manifest = await _scene.ManifestAsync();
        var block = Assert.Single(manifest.Blocks);
        Assert.Equal(2, block.Level);
        Assert.Equal(before.Count, block.Samples);
        Assert.Equal((sources.Min(x => x.MinTime), sources.Max(x => x.MaxTime)), (block.MinTime, block.MaxTime));
        Assert.Equal(sources.SelectMany(x => x.Generations).Distinct().Order(), block.Generations);
        Assert.Equal(sources.Select(x => x.Ulid).Order(), manifest.Retired.Select(x => x.Ulid).Order());
        Assert.All(manifest.Retired, x => Assert.Equal("compacted", x.Reason));
        Assert.Equal(before, await _scene.SamplesAsync());
        await MetaSaysWhereItComesFromAsync(block.Ulid, sources);

        // Until readers have let go of the old manifest the sources stay.
        await _scene.RetainAsync();
        Assert.All(sources, x => Assert.Contains(_scene.Objects.Keys, y => y.Contains(x.Ulid, StringComparison.Ordinal)));
        _scene.Clock.Advance(TimeSpan.FromMinutes(16));
        await _scene.RetainAsync();
        Assert.All(sources, x => Assert.DoesNotContain(_scene.Objects.Keys, y => y.Contains(x.Ulid, StringComparison.Ordinal)));
        Assert.Equal(before, await _scene.SamplesAsync());
        Assert.Empty(Directory.GetFileSystemEntries(_scene.WorkDirectory));

        // Nothing is left to do.
        await _scene.RunAsync();
        Assert.Equal(1, _scene.Meters.Sum("deucalion_compactor_runs_total"));
        Assert.Equal(sources.Count, _scene.Meters.Sum("deucalion_compactor_source_blocks_total"));
    }

    [Fact]
    public async Task ALateBlockJoinsTheDay()
    {
        await PublishDayAsync();
        await _scene.RunAsync();
        await _scene.PublishAsync(_random, 3.1, 0.7);
        await _scene.PublishAsync(_random, 3.1, 0.7);
        var before = await _scene.SamplesAsync();
        await _scene.RunAsync();
        Assert.Equal(3, Assert.Single((await _scene.ManifestAsync()).Blocks).Level);
        Assert.Equal(before, await _scene.SamplesAsync());
    }

    [Fact]
    public async Task IsMadeUpForByTheNextPass_WhenAPassFails()
    {
        await PublishDayAsync();
        var before = await _scene.SamplesAsync();
        _scene.Objects.FailBefore = static (operation, key) => operation == ObjectOperation.Put && key.EndsWith("meta.json", StringComparison.Ordinal);
        await _scene.RunAsync();
        Assert.Equal(1, _scene.Meters.Sum("deucalion_compactor_compaction_failures_total"));
        Assert.Equal(12, (await _scene.ManifestAsync()).Blocks.Count);
        _scene.Objects.FailBefore = null;
        await _scene.RunAsync();
        Assert.Single((await _scene.ManifestAsync()).Blocks);
        Assert.Equal(before, await _scene.SamplesAsync());
    }

    [Fact]
    public async Task TheRestGoesOn_WhenABlockIsDamaged()
    {
        var sources = await PublishDayAsync();
        var key = $"{BlockUpload.Prefix(TenantId.Anonymous, sources[4].Ulid)}/chunks/000001";
        var whole = (await _scene.Objects.GetAsync(key, CancellationToken.None))!.Content.ToArray();
        var damaged = (byte[])whole.Clone();
        damaged[damaged.Length / 2] ^= 4;
        await _scene.Objects.PutAsync(key, damaged, CancellationToken.None);
        await _scene.RunAsync();
        Assert.Equal(12, (await _scene.ManifestAsync()).Blocks.Count);
        await _scene.RunAsync();
        var left = (await _scene.ManifestAsync()).Blocks;
        Assert.Equal(2, left.Count);
        Assert.Contains(left, x => x.Ulid == sources[4].Ulid);

        // It was the way to the bucket that damaged it: the block is tried again after some hours.
        await _scene.Objects.PutAsync(key, whole, CancellationToken.None);
        await _scene.RunAsync();
        Assert.Equal(2, (await _scene.ManifestAsync()).Blocks.Count);
        _scene.Clock.Advance(TimeSpan.FromHours(7));
        await _scene.RunAsync();
        Assert.Single((await _scene.ManifestAsync()).Blocks);
    }

    [Fact]
    public async Task StaysAsItIs_WhenTheDiskHasTooLittleRoom()
    {
        await PublishDayAsync();
        _scene.Disk.Free = 256L << 20;
        await _scene.RunAsync();
        Assert.Equal(12, (await _scene.ManifestAsync()).Blocks.Count);
        Assert.Equal(1, _scene.Meters.Sum("deucalion_compactor_compaction_failures_total"));
        Assert.Empty(Directory.GetFileSystemEntries(_scene.WorkDirectory));
    }

    [Fact]
    public async Task IsLeftToTheNodeThatHasTheLease()
    {
        await PublishDayAsync();
        await using (await _scene.Leases.TryAcquireAsync(TenantId.Anonymous, CancellationToken.None))
        {
            await _scene.RunAsync();
            Assert.Equal(12, (await _scene.ManifestAsync()).Blocks.Count);
        }

        await _scene.RunAsync();
        Assert.Single((await _scene.ManifestAsync()).Blocks);
    }

    [Fact]
    public async Task DropsItsResult_WhenASourceHasLeftTheManifestMeanwhile()
    {
        var sources = await PublishDayAsync();
        var isTaken = false;
        _scene.Objects.FailBefore = (operation, key) =>
        {
            if (operation == ObjectOperation.Put && key.EndsWith("meta.json", StringComparison.Ordinal) && !isTaken)
            {
                isTaken = true;
                _ = _scene.Manifests.UpdateAsync(
                    TenantId.Anonymous, CompactionScene.Partition, x => x.WithoutBlocks([sources[0].Ulid], 0, "retention"), CancellationToken.None).AsTask().Wait(TimeSpan.FromSeconds(10));
            }

            return false;
        };
        await _scene.RunAsync();
        Assert.True(isTaken);
        Assert.Equal(11, (await _scene.ManifestAsync()).Blocks.Count);
        Assert.All((await _scene.ManifestAsync()).Blocks, x => Assert.Equal(1, x.Level));
        await _scene.RunAsync();
        Assert.Single((await _scene.ManifestAsync()).Blocks);
    }

    [Fact]
    public async Task DropsItsResult_WhenTheTenantIsDeletedMeanwhile_AndNothingOfItIsLeftAfterTheDelays()
    {
        await PublishDayAsync();
        var isDeleted = false;
        _scene.Objects.BeforePutIf = async key =>
        {
            // The merged block is uploaded; the write that waits would list it.
            if (!isDeleted && key.Contains("/manifests/", StringComparison.Ordinal))
            {
                isDeleted = true;
                await _scene.Manifests.UpdateAsync(
                    TenantId.Anonymous,
                    CompactionScene.Partition,
                    x => x.WithTenantDeleted(new ManifestDeletion("01J00000000000000000000001", 5), _scene.Clock.GetUtcNow().ToUnixTimeMilliseconds()),
                    CancellationToken.None);
            }
        };
        await _scene.RunAsync();
        Assert.True(isDeleted);
        Assert.Empty((await _scene.ManifestAsync()).Blocks);
        Assert.Empty(await _scene.SamplesAsync());

        // Retired sources go soon, the result as an upload that no manifest lists; the manifest says for ever that there was a deletion.
        _scene.Clock.Advance(TimeSpan.FromMinutes(16));
        await _scene.RetainAsync();
        Assert.Single(_scene.Objects.Keys.Where(static key => !key.Contains("/manifests/", StringComparison.Ordinal)).Select(static key => key.Split('/')[1]).Distinct());
        _scene.Clock.Advance(TimeSpan.FromHours(30));
        await _scene.RetainAsync();
        Assert.Equal([ManifestStore.Key(TenantId.Anonymous, CompactionScene.Partition)], _scene.Objects.Keys);
        Assert.NotNull((await _scene.ManifestAsync()).LastDeletion);
    }

    private async Task<List<ManifestBlock>> PublishDayAsync()
    {
        var blocks = new List<ManifestBlock>();
        for (var hour = 0; hour < 24; hour += 2)
        {
            blocks.Add(await _scene.PublishAsync(_random, hour, 2));
        }

        return blocks;
    }

    private async Task MetaSaysWhereItComesFromAsync(string ulid, List<ManifestBlock> sources)
    {
        var stored = await _scene.Objects.GetAsync($"{BlockUpload.Prefix(TenantId.Anonymous, ulid)}/meta.json", CancellationToken.None);
        var meta = BlockMeta.Parse(stored!.Content.Span);
        Assert.Equal(2, meta.Compaction.Level);
        Assert.Equal(sources.Select(x => x.Ulid).Order(), meta.Compaction.Sources!);
        Assert.Equal(sources.Select(x => x.Ulid).Order(), meta.Compaction.Parents!.Select(x => x.Ulid).Order());
        Assert.Equal([CompactionScene.Partition.Value], meta.Deucalion!.Partitions);
        Assert.Equal(sources.Select(x => x.Ulid).Order(), meta.Deucalion.Sources.Order());
    }
}
