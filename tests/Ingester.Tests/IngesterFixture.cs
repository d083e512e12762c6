using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
using Deucalion.Replication.Coordination;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Objects;
using Testing.Telemetry;

namespace Deucalion.Ingester.Tests;

/// <summary>An ingester over a simulated disk, which may be started, killed and started again.</summary>
internal sealed class IngesterFixture : IAsyncDisposable
{
    private readonly TestMeterFactory _meters = new();
    private IngesterModule? _module;

    public IngesterFixture(int seed)
        : this(seed, null)
    {
    }

    /// <summary>One with an empty disk and a bucket that may hold something.</summary>
    public IngesterFixture(int seed, MemoryObjectStore? objects)
    {
        Disk = new SimulatedDisk(seed);
        Objects = objects ?? new MemoryObjectStore(Disk, TimeProvider.System);
        Objects.Files = Disk;
        Disk.CreateDirectory("/data");
    }

    public SimulatedDisk Disk { get; }

    public MemoryObjectStore Objects { get; }

    public IngesterModule Module => _module ?? throw new InvalidOperationException("not started");

    public IngesterOptions Options { get; set; } = new()
    {
        DataDirectory = "/data",
        HeadMemoryBytes = 1L << 30,
        DiskReserveBytes = 0,
        JournalSegmentBytes = 64 * 1024,
        PoisonFreedMemory = true,
        Routing = new RoutingOptions { Partitions = 8, AnonymousWidth = 3 },
        Partitions = new PartitionOptions { ReopenDelay = TimeSpan.Zero, CheckpointBytes = 4 * 1024 },
        Shipping = new ShippingOptions { MinBackoff = TimeSpan.Zero },
    };

    public async Task StartAsync()
    {
        var module = new IngesterModule(Options, new IngesterParts
        {
            Disk = Disk,
            Objects = Objects,
            Coordination = new LocalFileStore(Disk, "/data/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1)),
            Time = TimeProvider.System,
            Meters = _meters,
            Loggers = NullLoggerFactory.Instance,
        });
        try
        {
            await module.StartAsync(CancellationToken.None);
        }
        catch
        {
            await module.DisposeAsync();
            throw;
        }

        _module = module;
    }

    /// <summary>Stops in order.</summary>
    public async Task StopAsync()
    {
        if (_module is { } module)
        {
            _module = null;
            await module.DisposeAsync();
        }
    }

    /// <summary>Ends the process without its doing anything more, then takes the power from the disk.</summary>
    public async Task CrashAsync()
    {
        Module.Host.Current?.Abandon();
        await StopAsync();
        Disk.Crash();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _meters.Dispose();
    }

    public async Task<WriteOutcome> WriteAsync(TenantId tenant, IReadOnlyList<(string Series, long Time, double Value)> samples)
    {
        using var batch = new WriteBatch();
        batch.Reset();
        foreach (var (series, time, value) in samples)
        {
            batch.BeginSeries();
            Label(batch, "__name__", "metric");
            Label(batch, "series", series);
            batch.AddSample(time, value);
        }

        return await Module.Distributor.WriteAsync(tenant, batch, CancellationToken.None);
    }

    /// <summary>All samples of the heads, by series and time; where a sample is in several, they must agree.</summary>
    public async Task<Dictionary<(string Series, long Time), double>> ReadHeadsAsync(TenantId tenant)
    {
        using var answer = await Module.HeadReads.SelectAsync(tenant, [new LabelMatcher(Common.Labels.MatchType.Equal, "__name__", "metric")], long.MinValue, long.MaxValue, CancellationToken.None);
        var samples = new Dictionary<(string, long), double>();
        foreach (var batch in answer.Batches)
        {
            Read(batch, samples);
        }

        return samples;
    }

    /// <summary>All samples of the listed blocks and the heads.</summary>
    public async Task<Dictionary<(string Series, long Time), double>> ReadAllAsync(TenantId tenant)
    {
        var samples = await ReadHeadsAsync(tenant);
        await foreach (var manifest in new ManifestStore(Objects).ListAsync(tenant, CancellationToken.None))
        {
            foreach (var block in manifest.Blocks)
            {
                using var reader = await BlockReader.OpenAsync(Objects, BlockUpload.Prefix(tenant, block.Ulid), CancellationToken.None);
                using var selection = await reader.SelectAsync([new LabelMatcher(Common.Labels.MatchType.Equal, "__name__", "metric")], long.MinValue, long.MaxValue, CancellationToken.None);
                await selection.LoadAsync(CancellationToken.None);
                using var batch = new ChunkSeriesBatch();
                selection.CopyTo(batch);
                Read(batch, samples);
            }
        }

        return samples;
    }

    public async Task<List<ManifestBlock>> BlocksAsync(TenantId tenant)
    {
        var blocks = new List<ManifestBlock>();
        await foreach (var manifest in new ManifestStore(Objects).ListAsync(tenant, CancellationToken.None))
        {
            blocks.AddRange(manifest.Blocks);
        }

        return blocks;
    }

    private static void Read(ChunkSeriesBatch batch, Dictionary<(string, long), double> samples)
    {
        var buffer = new SampleBuffer();
        for (var s = 0; s < batch.Count; s++)
        {
            foreach (var chunk in batch.ChunksAt(s))
            {
                buffer.Clear();
                ChunkDecoder.Decode(chunk.Encoding, batch.Bytes(chunk), long.MinValue, long.MaxValue, buffer);
                for (var i = 0; i < buffer.Count; i++)
                {
                    var key = (batch.LabelsAt(s).Get("series"), buffer.Times[i]);
                    if (samples.TryGetValue(key, out var known) && BitConverter.DoubleToInt64Bits(known) != BitConverter.DoubleToInt64Bits(buffer.Values[i]))
                    {
                        throw new InvalidOperationException($"two values of {key}: {known} and {buffer.Values[i]}");
                    }

                    samples[key] = buffer.Values[i];
                }
            }
        }
    }

    private static void Label(WriteBatch batch, string name, string value)
    {
        var n = Encoding.UTF8.GetBytes(name);
        var v = Encoding.UTF8.GetBytes(value);
        batch.AddLabel(new WriteLabel(batch.AddText(n), n.Length, batch.AddText(v), v.Length));
    }

    public static string Name(int series) => series.ToString(CultureInfo.InvariantCulture);
}
