using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Routing;
using Xunit;

namespace Deucalion.Ingester.Tests;

public sealed class IngesterUpkeepTests : IAsyncDisposable
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task AWiderTenantSpreadsOverMorePartitions_AndOldSamplesStayReadable()
    {
        Assert.True(TenantId.TryParse("growing", out var tenant, out _));
        _ingester.Options = _ingester.Options with { Routing = new RoutingOptions { Partitions = 8, AnonymousWidth = 1, SeriesPerPartition = 30 } };
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(tenant, expected, Now);
        Assert.Equal(1, Holders(tenant));
        await _ingester.Module.Upkeep.GrowAsync(CancellationToken.None);
        await WriteAsync(tenant, expected, Now + 1);
        Assert.InRange(Holders(tenant), 2, 4);
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(tenant));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(tenant));
    }

    [Fact]
    public async Task ThePartitionThatPinsTheJournalIsCheckpointed()
    {
        _ingester.Options = _ingester.Options with
        {
            JournalSegmentBytes = 4096,
            Partitions = new PartitionOptions { CheckpointBytes = long.MaxValue, MaxJournalSegments = 3 },
        };
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        for (var round = 0; round < 100; round++)
        {
            await WriteAsync(TenantId.Anonymous, expected, Now + round);
        }

        var before = _ingester.Disk.List("/data/journal").Count;
        await _ingester.Module.Upkeep.ReleaseJournalAsync(CancellationToken.None);
        Assert.True(before > 5);
        Assert.True(_ingester.Disk.List("/data/journal").Sum(x => x.Length) <= 3 * 4096);
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task SamplesAreRefusedWhenMemoryIsUsedUp_UntilShippingHasFreedIt()
    {
        _ingester.Options = _ingester.Options with { HeadMemoryBytes = 1 };
        await _ingester.StartAsync();
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        Assert.Null(outcome.RetryableFailure);
        outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now + 1, 1)]);
        Assert.Contains("memory", outcome.RetryableFailure, StringComparison.Ordinal);
        Assert.Single(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.Module.Upkeep.ReleaseMemoryAsync(CancellationToken.None);
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Single(await _ingester.ReadAllAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task APartitionWithARecordThatCannotBeAppliedRefusesReadsAndWrites_WhileOthersTakeSamples()
    {
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(TenantId.Anonymous, expected, Now);
        var broken = _ingester.Module.Host.Current!.Partitions.First().State;
        Assert.Throws<Deucalion.Storage.Head.HeadFormatException>(() => broken.ApplyNow(1, RecordKind.Samples, [9, .. "anonymous"u8, 99]));
        await Assert.ThrowsAsync<PartitionUnavailableException>(() => _ingester.ReadHeadsAsync(TenantId.Anonymous));
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [.. Enumerable.Range(0, 40).Select(x => (IngesterFixture.Name(x), Now + 1, 1.0))]);
        Assert.InRange(outcome.Stored, 1, 39);
        Assert.Contains("cannot be applied", outcome.RetryableFailure, StringComparison.Ordinal);
    }

    private int Holders(TenantId tenant) => _ingester.Module.Host.Current!.Partitions.Count(x => x.State.Find(tenant)?.Head.SeriesCount > 0);

    private async Task WriteAsync(TenantId tenant, Dictionary<(string, long), double> expected, long time)
    {
        var samples = Enumerable.Range(0, 40).Select(x => (IngesterFixture.Name(x), time, x + 0.5)).ToList();
        Assert.Equal(40, (await _ingester.WriteAsync(tenant, samples)).Stored);
        foreach (var (series, t, value) in samples)
        {
            expected[(series, t)] = value;
        }
    }
}
