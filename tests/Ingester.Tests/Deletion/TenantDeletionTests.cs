using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Testing.Objects;
using Xunit;

namespace Deucalion.Ingester.Tests.Deletion;

public sealed class TenantDeletionTests : IAsyncDisposable
{
    private const long Hour = 3_600_000;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private static readonly TenantId Leaving = Tenant("leaving");
    private static readonly TenantId Staying = Tenant("staying");
    private readonly IngesterFixture _ingester = new(1);

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task HeadsAndBlocksOfTheTenantGo_AndNothingElse()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now - (3 * Hour));
        var kept = await WriteAsync(Staying, Now - (3 * Hour));
        await FlushAsync();
        await WriteAsync(Leaving, Now);
        foreach (var (key, value) in await WriteAsync(Staying, Now))
        {
            kept[key] = value;
        }

        var blocks = await _ingester.BlocksAsync(Leaving);
        var answer = await DeleteAsync(Leaving);
        Assert.Null(answer.Failure);
        Assert.Equal((true, 20L, (long)blocks.Count, blocks.Sum(static x => x.Bytes)), (answer.WasKnown, answer.Series, answer.Blocks, answer.Bytes));
        await AssertGoneAsync();
        Assert.Equal(kept, await _ingester.ReadAllAsync(Staying));
        Assert.DoesNotContain(_ingester.Module.DescribeTenants(), static x => x.Tenant == Leaving && x.ActiveSeries > 0);

        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        await AssertGoneAsync();
        Assert.Equal(kept, await _ingester.ReadAllAsync(Staying));
        var anew = await WriteAsync(Leaving, Now - Hour);
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        await FlushAsync();
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        await _ingester.StopAsync();
        await _ingester.StartAsync();
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        Assert.Empty(await _ingester.ReadHeadsAsync(Leaving));
        Assert.Equal(kept, await _ingester.ReadAllAsync(Staying));
    }

    [Fact]
    public async Task ATenantOfWhichNothingIsStored_IsNotKnown_AndLeavesNoTrace()
    {
        await _ingester.StartAsync();
        await WriteAsync(Staying, Now);
        var before = Positions();
        var answer = await DeleteAsync(Leaving);
        Assert.Equal((false, (string?)null), (answer.WasKnown, answer.Failure));
        Assert.Equal(before, Positions());
        Assert.DoesNotContain(_ingester.Objects.Keys, static key => key.StartsWith("leaving/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RepeatingItIsASuccess()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        Assert.True((await DeleteAsync(Leaving)).Series > 0);
        var again = await DeleteAsync(Leaving);
        Assert.Equal((true, null, 0L, 0L), (again.WasKnown, again.Failure, again.Series, again.Blocks));
    }

    [Fact]
    public async Task HeadsNameTheDeletion_SoThatOldListsOfBlocksAreNotUsed()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        await DeleteAsync(Leaving);
        using var answer = await _ingester.Module.HeadReads.SelectAsync(
            Leaving, [new LabelMatcher(Common.Labels.MatchType.Equal, "__name__", "metric")], 0, long.MaxValue, CancellationToken.None);
        Assert.NotEmpty(answer.Truncated);
        var manifests = await ManifestsAsync(Leaving);
        Assert.All(answer.Truncated, x => Assert.Equal(x.Ulid, manifests.Single(m => m.Partition.Value == x.Partition).LastDeletion));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatTheLogHasDeletedLeavesTheManifestLater_WhereThatCouldNotBeChanged(bool inOrder)
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now - (3 * Hour));
        await FlushAsync();
        await WriteAsync(Leaving, Now);
        _ingester.Objects.FailBefore = static (operation, _) => operation == ObjectOperation.PutIf;
        Assert.NotNull((await DeleteAsync(Leaving)).Failure);
        Assert.NotEmpty(await _ingester.BlocksAsync(Leaving));
        Assert.Empty(await _ingester.ReadHeadsAsync(Leaving));

        // From the checkpoint of an orderly stop, or from the records of the log.
        await (inOrder ? _ingester.StopAsync() : _ingester.CrashAsync());
        await _ingester.StartAsync();
        Assert.Empty(await _ingester.ReadHeadsAsync(Leaving));
        Assert.NotEmpty(_ingester.Module.Host.Current!.Partitions.SelectMany(static x => x.State.Deletions));
        var anew = await WriteAsync(Leaving, Now + 1);
        await Assert.ThrowsAnyAsync<IOException>(FlushAsync);
        _ingester.Objects.FailBefore = null;
        await _ingester.Module.Deletions.FinishAllAsync(CancellationToken.None);
        Assert.Empty(await _ingester.BlocksAsync(Leaving));
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        Assert.Empty(_ingester.Module.Host.Current!.Partitions.SelectMany(static x => x.State.Deletions));
        await FlushAsync();
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        Assert.Empty(await _ingester.ReadHeadsAsync(Leaving));
    }

    [Fact]
    public async Task BlocksOfWhatCameAfterwards_WaitUntilTheManifestShowsTheDeletion()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now - (3 * Hour));
        await FlushAsync();
        var fails = true;
        _ingester.Objects.FailBefore = (operation, key) => fails && operation == ObjectOperation.PutIf && key.StartsWith("leaving/", StringComparison.Ordinal);
        Assert.NotNull((await DeleteAsync(Leaving)).Failure);
        var anew = await WriteAsync(Leaving, Now);
        fails = false;

        // Shipping itself brings the deletion into the manifest first.
        await FlushAsync();
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));
        Assert.Empty(await _ingester.ReadHeadsAsync(Leaving));
        Assert.All(await ManifestsAsync(Leaving), static x => Assert.NotNull(x.LastDeletion));
    }

    [Fact]
    public async Task ABlockThatIsBeingPublishedWhenTheTenantIsDeleted_IsNotListed()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        var changes = 0;
        _ingester.Objects.BeforePutIf = async key =>
        {
            // Everything is uploaded: the write that waits would list the block.
            if (key.StartsWith("leaving/", StringComparison.Ordinal) && Interlocked.Increment(ref changes) == 1)
            {
                Assert.Null((await DeleteAsync(Leaving)).Failure);
            }
        };
        await FlushAsync();
        _ingester.Objects.BeforePutIf = null;
        Assert.True(changes > 1);
        await AssertGoneAsync();
        var anew = await WriteAsync(Leaving, Now + 1000);
        await FlushAsync();
        Assert.Equal(anew, await _ingester.ReadAllAsync(Leaving));

        // What was uploaded in vain is removed at once.
        var manifests = await ManifestsAsync(Leaving);
        var listed = manifests.SelectMany(static x => x.Blocks.Select(static y => y.Ulid).Concat(x.Retired.Select(static y => y.Ulid))).ToHashSet();
        Assert.All(_ingester.Objects.Keys.Where(static key => key.StartsWith("leaving/0", StringComparison.Ordinal)), key => Assert.Contains(key.Split('/')[1], listed));
    }

    [Fact]
    public async Task ATruncationOfBefore_DoesNotTouchTheGenerationOfTheSameNumberThatCameAfterwards()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        var handle = _ingester.Module.Host.Current!.Partitions.First(static x => x.State.Find(Leaving) is not null);
        var old = Assert.Single(await handle.CutAsync(all: true, CancellationToken.None), static x => x.Tenant == Leaving);
        await DeleteAsync(Leaving);
        Assert.True(old.Window.IsGone);
        await WriteAsync(Leaving, Now);
        var anew = Assert.Single(await handle.CutAsync(all: true, CancellationToken.None), static x => x.Tenant == Leaving);
        Assert.Equal(old.Window.Generation, anew.Window.Generation);
        await handle.TruncateAsync(old, Ulid.Create(DateTimeOffset.UtcNow).ToString(), CancellationToken.None);
        Assert.False(anew.Window.IsGone);
        Assert.NotEmpty(await _ingester.ReadHeadsAsync(Leaving));
    }

    [Fact]
    public async Task WhatIsWrittenMeanwhile_IsStoredAfterwardsOrNotAtAll()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(x => Task.Run(async () =>
        {
            var written = 0;
            for (; !enough.IsCancellationRequested; written++)
            {
                // The same series all the time: the head before each deletion knows their refs, the one after it does not.
                var outcome = await _ingester.WriteAsync(Leaving, [.. Enumerable.Range(0, 10).Select(y => ($"{x}-{y}", Now + 1 + written, 1.0))]);
                Assert.Null(outcome.RetryableFailure);
            }

            return written;
        })).ToList();
        for (var i = 0; i < 30; i++)
        {
            Assert.Null((await DeleteAsync(Leaving)).Failure);
        }

        await enough.CancelAsync();
        Assert.True((await Task.WhenAll(writers)).Sum() > 30);
        Assert.Null((await DeleteAsync(Leaving)).Failure);
        await AssertGoneAsync();
        Assert.All(_ingester.Module.Host.Current!.Partitions, static x => Assert.Null(x.Unreadable));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        await AssertGoneAsync();
    }

    [Fact]
    public async Task BlocksOfAPartitionWithoutALog_GoToo()
    {
        // What tsdb import has put into the bucket, or a node that lost its disk.
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        await FlushAsync();
        await using var fresh = new IngesterFixture(2, _ingester.Objects);
        await fresh.StartAsync();
        Assert.NotEmpty(await fresh.BlocksAsync(Leaving));
        var answer = await fresh.Module.DeleteTenantAsync(Leaving, "test", CancellationToken.None);
        Assert.Equal((true, null), (answer.WasKnown, answer.Failure));
        Assert.Empty(await fresh.BlocksAsync(Leaving));
        using var named = await fresh.Module.HeadReads.SelectAsync(
            Leaving, [new LabelMatcher(Common.Labels.MatchType.Equal, "__name__", "metric")], 0, long.MaxValue, CancellationToken.None);
        Assert.NotEmpty(named.Truncated);
    }

    [Fact]
    public async Task HeadsThatHoldTheSame_HaveTheSameDigest_AndADeletionThatIsPendingCounts()
    {
        await _ingester.StartAsync();
        await WriteAsync(Leaving, Now);
        _ingester.Objects.FailBefore = static (operation, _) => operation == ObjectOperation.PutIf;
        await DeleteAsync(Leaving);
        var pending = await DigestsAsync();
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(pending, await DigestsAsync());
        _ingester.Objects.FailBefore = null;
        await _ingester.Module.Deletions.FinishAllAsync(CancellationToken.None);
        Assert.NotEqual(pending, await DigestsAsync());
        var shown = await DigestsAsync();
        await _ingester.StopAsync();
        await _ingester.StartAsync();
        Assert.Equal(shown, await DigestsAsync());
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new ArgumentException(error);

    private Task FlushAsync() => _ingester.Module.Shipper.FlushAsync(CancellationToken.None);

    private Task<TenantDeletionAnswer> DeleteAsync(TenantId tenant) => _ingester.Module.DeleteTenantAsync(tenant, "test", CancellationToken.None);

    private async Task AssertGoneAsync()
    {
        Assert.Empty(await _ingester.ReadAllAsync(Leaving));
        Assert.Empty(await _ingester.BlocksAsync(Leaving));
    }

    private string Positions() => string.Join(' ', _ingester.Module.Host.Current!.Partitions.OrderBy(static x => x.Partition.Value).Select(static x => $"{x.Partition}:{x.Log.End}"));

    private async Task<IReadOnlyList<string?>> DigestsAsync() =>
        [.. (await _ingester.Module.DescribeReplicasAsync(true, CancellationToken.None)).OrderBy(static x => x.Partition.Value).Select(static x => x.Digest)];

    private async Task<List<Manifest>> ManifestsAsync(TenantId tenant)
    {
        var list = new List<Manifest>();
        await foreach (var manifest in new ManifestStore(_ingester.Objects).ListAsync(tenant, CancellationToken.None))
        {
            list.Add(manifest);
        }

        return list;
    }

    private async Task<Dictionary<(string, long), double>> WriteAsync(TenantId tenant, long time)
    {
        var samples = Enumerable.Range(0, 20).Select(x => (IngesterFixture.Name(x), time + x, (double)x)).ToList();
        var outcome = await _ingester.WriteAsync(tenant, samples);
        Assert.Equal((20, null), (outcome.Stored, outcome.RetryableFailure));
        return samples.ToDictionary(static x => (x.Item1, x.Item2), static x => x.Item3);
    }
}
