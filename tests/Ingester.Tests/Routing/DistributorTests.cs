using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Limits;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

public sealed class DistributorTests : IAsyncLifetime
{
    private readonly TestMeterFactory _meters = new();
    private readonly RecordingPartitions _partitions = new();
    private readonly TenantRoutes _routes = new(
        new PlacementStore(new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1))),
        new RoutingOptions { Partitions = 8, AnonymousWidth = 4 });

    public async ValueTask InitializeAsync() => await _routes.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _meters.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task SendsEachSeriesToThePartitionOfItsRoutingHash()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        for (var i = 0; i < 500; i++)
        {
            Add(batch, 1 + (i % 3), ("job", "j" + i), ("__name__", "m"));
        }

        var outcome = await Distributor().WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal(batch.SampleCount, outcome.Stored);
        Assert.Equal(500, _partitions.Series.Count);
        foreach (var (partition, series) in _partitions.Series)
        {
            Assert.Equal(_routes.Of(TenantId.Anonymous).PartitionOf(RoutingHash.Of(Labels.Of(("__name__", "m"), ("job", "j" + series)))).Value, partition);
        }

        Assert.Equal(4, _partitions.Series.Select(x => x.Partition).Distinct().Count());
    }

    [Fact]
    public async Task StoresTheValid_AndNamesTheInvalid()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        Add(batch, 2, ("__name__", "good"));
        Add(batch, 3, ("job", "bad"));
        Add(batch, 0, ("__name__", "empty"));
        var outcome = await Distributor().WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal((2, 3, (string?)null), (outcome.Stored, outcome.Rejected, outcome.RetryableFailure));
        Assert.Contains("missing_metric_name: 3", outcome.RejectionMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CountsSamplesOfAllKinds_AndExemplarsByThemselves()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        Add(batch, 2, ("__name__", "floats"));
        Add(batch, 0, ("__name__", "histograms"));
        batch.AddHistogram(1, 0, new FloatHistogram());
        batch.AddExemplar(1, 1);
        Add(batch, 0, ("__name__", "exemplars"));
        batch.AddExemplar(1, 1);
        Add(batch, 1, ("job", "nameless"));
        batch.AddHistogram(1, 0, new FloatHistogram());
        batch.AddExemplar(1, 1);
        Add(batch, 0, ("job", "nameless"));
        batch.AddExemplar(1, 1);
        var outcome = await Distributor().WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal((3, 1, 2, 2), (outcome.Stored, outcome.StoredHistograms, outcome.StoredExemplars, outcome.Rejected));
        Assert.StartsWith("rejected 2 invalid samples (missing_metric_name: 2)\n", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Equal(2, outcome.RejectionMessage.Split('\n').Length);
        Assert.Equal([0, 1, 2], _partitions.Series.Select(x => x.Series).Order());
        Assert.Equal(5, _meters.Sum("deucalion_ingester_received_samples_total"));
        Assert.Equal(3, _meters.Sum("deucalion_ingester_stored_samples_total"));
        Assert.Equal(2, _meters.Sum("deucalion_discarded_samples_total", "reason=missing_metric_name,tenant=anonymous"));
        Assert.Equal(4, _meters.Sum("deucalion_ingester_received_exemplars_total"));
        Assert.Equal(2, _meters.Sum("deucalion_ingester_stored_exemplars_total"));
        Assert.Equal(2, _meters.Sum("deucalion_ingester_rejected_exemplars_total"));
    }

    [Fact]
    public async Task ReportsTheFailure_WhenOnePartitionFails()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        for (var i = 0; i < 100; i++)
        {
            Add(batch, 1, ("__name__", "m" + i));
        }

        _partitions.Failing = _routes.Of(TenantId.Anonymous).Order[2].Value;
        var outcome = await Distributor().WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal($"partition {_partitions.Failing} is broken", outcome.RetryableFailure);
        Assert.InRange(outcome.Stored, 1, 99);
    }

    [Fact]
    public async Task AsksToTryAgain_BeforeThePlacementIsLoaded()
    {
        var store = new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        var routes = new TenantRoutes(new PlacementStore(store), new RoutingOptions());
        var distributor = new Distributor(routes, _partitions, LimitSet.Same(TenantLimits.Default), new PushMetrics(_meters));
        using var batch = new WriteBatch();
        batch.Reset();
        Add(batch, 1, ("__name__", "m"));
        Assert.Equal("the ingester is starting", (await distributor.WriteAsync(TenantId.Anonymous, batch, CancellationToken.None)).RetryableFailure);
    }

    [Fact]
    public async Task SendsMetadataToTheFirstPartitionOfTheTenant()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        batch.AddMetadata(new WriteMetadata(1, batch.AddText("f"u8), 1, 0, 0, 0, 0));
        await Distributor().WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal([_routes.Of(TenantId.Anonymous).Order[0].Value], _partitions.Metadata);
    }

    private Distributor Distributor() => new(_routes, _partitions, LimitSet.Same(TenantLimits.Default), new PushMetrics(_meters));

    private static void Add(WriteBatch batch, int samples, params (string Name, string Value)[] labels)
    {
        batch.BeginSeries();
        foreach (var (name, value) in labels)
        {
            batch.AddLabel(new WriteLabel(batch.AddText(Encoding.UTF8.GetBytes(name)), name.Length, batch.AddText(Encoding.UTF8.GetBytes(value)), value.Length));
        }

        for (var i = 0; i < samples; i++)
        {
            batch.AddSample(1000 + i, i);
        }
    }

    private sealed class RecordingPartitions : IPartitionAppends
    {
        public List<(int Partition, int Series)> Series { get; } = [];

        public List<int> Metadata { get; } = [];

        public int Failing { get; set; } = -1;

        public void Append(PartitionId partition, AppendRequest request)
        {
            var stored = new StoredCounts();
            foreach (var series in request.Series.Span)
            {
                Series.Add((partition.Value, series));
                var entry = request.Batch.Series[series];
                stored = new StoredCounts(
                    stored.Samples + entry.SampleCount + entry.HistogramCount, stored.Histograms + entry.HistogramCount, stored.Exemplars + entry.ExemplarCount);
            }

            if (request.WithMetadata)
            {
                Metadata.Add(partition.Value);
            }

            request.Complete(partition.Value == Failing ? new AppendResult(default, $"partition {partition} is broken") : new AppendResult(stored, null));
        }
    }
}
