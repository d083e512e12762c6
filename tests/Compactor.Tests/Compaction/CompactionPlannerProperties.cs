using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Compaction;
using Xunit;

namespace Deucalion.Compactor.Tests.Compaction;

/// <summary>Months of blocks, as heads give them, with late ones: planned again and again, each plan carried out on paper.</summary>
public sealed class CompactionPlannerProperties
{
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    private readonly CompactionOptions _options = new() { MaxSources = 16 };
    private readonly Dictionary<string, HashSet<string>> _origins = new(StringComparer.Ordinal);
    private long _rewritten;
    private int _names;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void MonthsBecomeABlockADay_AndNothingIsEverMissing(int seed)
    {
        var random = new Random(seed);
        var manifests = Enumerable.Range(0, 2).Select(x => new Manifest { Tenant = TenantId.Anonymous, Partition = new PartitionId(x) }).ToArray();
        var (start, end) = (20_000 * Day, (20_000 + 60) * Day);
        for (var now = start; now < end; now += Hour / 2)
        {
            for (var p = 0; p < manifests.Length; p++)
            {
                foreach (var block in Arriving(random, now))
                {
                    manifests[p] = manifests[p].WithBlock(block);
                }
            }

            Carry(manifests, now);
        }

        // No more come; what is over comes to rest.
        for (var now = end; now < end + (2 * Day); now += Hour)
        {
            Carry(manifests, now);
        }

        Assert.Empty(CompactionPlanner.Plan(manifests, _options, end + (3 * Day), static _ => false));
        foreach (var manifest in manifests)
        {
            var days = manifest.Blocks.GroupBy(static x => x.MinTime / Day).ToList();
            Assert.Equal(60, days.Count);
            Assert.All(days, static x => Assert.Single(x));
        }

        var listed = manifests.SelectMany(static x => x.Blocks).SelectMany(x => _origins[x.Ulid]).ToList();
        Assert.Equal(listed.Distinct().Count(), listed.Count);
        Assert.Equal(_origins.Keys.Where(static x => !x.EndsWith("merged", StringComparison.Ordinal)).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));

        // Each block of two hours is written again some two or three times, not once for each late sample.
        Assert.True(_rewritten < 4 * _origins.Keys.Count(static x => !x.EndsWith("merged", StringComparison.Ordinal)), $"{_rewritten}");
    }

    // Two hours come 40 minutes after their end; now and then a late block for a window of the last days.
    private IEnumerable<ManifestBlock> Arriving(Random random, long now)
    {
        if (now % (2 * Hour) == Hour / 2)
        {
            yield return Block(now, ((now / (2 * Hour)) - 1) * 2 * Hour, 2 * Hour);
        }

        if (random.Next(60) == 0)
        {
            var late = now - random.NextInt64(3 * Day);
            yield return Block(now, late / (2 * Hour) * 2 * Hour, random.NextInt64(1, 2 * Hour));
        }
    }

    private ManifestBlock Block(long now, long minTime, long length)
    {
        var random = new byte[10];
        BitConverter.TryWriteBytes(random, ++_names);
        var ulid = Ulid.Create(now, random).ToString();
        _origins[ulid] = [ulid];
        return new ManifestBlock { Ulid = ulid, MinTime = Math.Max(minTime, 20_000 * Day), MaxTime = Math.Max(minTime, 20_000 * Day) + length, Generations = [], Level = 1, Bytes = 1, Series = 1, Samples = 1 };
    }

    private void Carry(Manifest[] manifests, long now)
    {
        var groups = CompactionPlanner.Plan(manifests, _options, now, static _ => false);
        Assert.Equal(groups.SelectMany(static x => x.Ulids).Distinct().Count(), groups.Sum(static x => x.Blocks.Count));
        foreach (var group in groups)
        {
            Assert.True(group.Blocks.Count is > 1 and <= 16);
            Assert.True(group.Start + group.Window.TotalMilliseconds + _options.Delay.TotalMilliseconds <= now, "a window that may still get blocks");
            Assert.Equal(0, group.Start % (long)group.Window.TotalMilliseconds);
            Assert.All(group.Blocks, x => Assert.True(x.MinTime >= group.Start && x.MaxTime <= group.Start + group.Window.TotalMilliseconds));
            var merged = group.Blocks[0] with
            {
                Ulid = $"{++_names}merged",
                MinTime = group.Blocks.Min(static x => x.MinTime),
                MaxTime = group.Blocks.Max(static x => x.MaxTime),
                Level = group.Blocks.Max(static x => x.Level) + 1,
                Samples = group.Blocks.Sum(static x => x.Samples),
            };
            _origins[merged.Ulid] = [.. group.Ulids.SelectMany(x => _origins[x])];
            _rewritten += merged.Samples;
            manifests[group.Partition.Value] = manifests[group.Partition.Value].WithReplaced(group.Ulids, [merged], now, "compacted");
        }
    }
}
