using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Limits;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Deucalion.Storage.Merge;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Read;

/// <summary>
/// A tenant has grown, and not every node knows: for a moment samples of one series go to two partitions, in turns. Both are read, whatever the width of
/// the node that is asked.
/// </summary>
public sealed class TwoWidthsTests : IAsyncLifetime
{
    private const int SeriesCount = 60;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private static readonly long[] Times = [Now, Now + 1, Now + 2, Now + 3, Now + 4];
    private static readonly LabelMatcher[] All = [new(Common.Labels.MatchType.Equal, "__name__", "metric")];

    private readonly TestMeterFactory _meters = new();
    private readonly IngesterFixture _ingester = new(1);

    public async ValueTask InitializeAsync()
    {
        _ingester.Options = _ingester.Options with { Routing = new RoutingOptions { Partitions = 8, AnonymousWidth = 1 } };
        await _ingester.StartAsync();
        var wide = await AnotherNodeAsync(4);
        var narrow = _ingester.Module.Distributor;
        await WriteAsync(narrow, Times[0]);
        await WriteAsync(wide, Times[1]);
        await WriteAsync(narrow, Times[2]);

        // The sender got no answer, tried again, and met the other node.
        await WriteAsync(wide, Times[2]);
        await WriteAsync(wide, Times[3]);
        await WriteAsync(narrow, Times[4]);
    }

    public async ValueTask DisposeAsync()
    {
        await _ingester.DisposeAsync();
        _meters.Dispose();
    }

    [Fact]
    public async Task ASeriesInTwoPartitions_HasEachSampleOnce()
    {
        using var answer = await _ingester.Module.HeadReads.SelectAsync(TenantId.Anonymous, All, long.MinValue, long.MaxValue, CancellationToken.None);
        var parts = answer.Batches
            .SelectMany(static batch => Enumerable.Range(0, batch.Count).Select(i => (Batch: batch, Index: i)))
            .ToLookup(static part => part.Batch.LabelsAt(part.Index).Get("series"));
        Assert.Equal(SeriesCount, parts.Count);
        Assert.InRange(parts.Count(static series => series.Count() > 1), SeriesCount / 3, SeriesCount - 1);

        var merger = new ChunkMerger();
        var buffer = new SampleBuffer();
        foreach (var series in parts)
        {
            merger.Begin();
            foreach (var (batch, index) in series)
            {
                new BatchChunkSource(batch).AddTo(merger, index);
            }

            merger.Read(long.MinValue, long.MaxValue, buffer, CancellationToken.None);
            var number = int.Parse(series.Key, CultureInfo.InvariantCulture);
            Assert.Equal(Times, buffer.Times.ToArray());
            Assert.Equal(Array.ConvertAll(Times, time => ValueOf(number, time)), buffer.Values.ToArray());
        }
    }

    [Fact]
    public async Task NamesAndValuesInTwoPartitions_AreToldOnce()
    {
        var values = await _ingester.Module.HeadReads.LabelValuesAsync(TenantId.Anonymous, "series", All, long.MinValue, long.MaxValue, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, SeriesCount).Select(IngesterFixture.Name).Order(StringComparer.Ordinal), values.Names);
        var names = await _ingester.Module.HeadReads.LabelNamesAsync(TenantId.Anonymous, All, long.MinValue, long.MaxValue, CancellationToken.None);
        Assert.Equal(["__name__", "series"], names.Names);
    }

    private static double ValueOf(int series, long time) => (series * 10) + (time - Now);

    /// <summary>The way of samples through a node for which the tenant is that wide.</summary>
    private async Task<IDistributor> AnotherNodeAsync(int width)
    {
        var store = new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        var routes = new TenantRoutes(new PlacementStore(store), _ingester.Options.Routing with { AnonymousWidth = width });
        await routes.StartAsync(CancellationToken.None);
        return new Distributor(routes, _ingester.Module.Host, LimitSet.Same(TenantLimits.Default), new PushMetrics(_meters));
    }

    private async Task WriteAsync(IDistributor node, long time)
    {
        var outcome = await _ingester.WriteAsync(
            node, TenantId.Anonymous, [.. Enumerable.Range(0, SeriesCount).Select(i => (IngesterFixture.Name(i), time, ValueOf(i, time)))]);
        Assert.Equal((SeriesCount, 0, (string?)null), (outcome.Stored, outcome.Rejected, outcome.RetryableFailure));
    }
}
