using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
using Deucalion.Replication.Coordination;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Microsoft.Extensions.Logging;
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

    /// <summary>Whether series hold samples of a kind that follows from their names; else floats.</summary>
    public bool KindsBySeries { get; init; }

    public MemoryObjectStore Objects { get; }

    public IngesterModule Module => _module ?? throw new InvalidOperationException("not started");

    public IngesterOptions Options { get; set; } = new()
    {
        DataDirectory = "/data",
        HeadMemoryBytes = 1L << 30,
        DiskReserveBytes = 0,
        JournalSegmentBytes = 64 * 1024,
        PoisonFreedMemory = true,

        // A disk that refuses something for a moment is tried again at once: what happens is the same, only sooner.
        LogTick = TimeSpan.FromMilliseconds(5),
        LogRestartPause = TimeSpan.FromMilliseconds(1),
        SpaceCheckInterval = TimeSpan.FromMilliseconds(5),
        Routing = new RoutingOptions { Partitions = 8, AnonymousWidth = 3 },
        Partitions = new PartitionOptions { CheckpointBytes = 4 * 1024 },
        Shipping = new ShippingOptions { MinBackoff = TimeSpan.Zero },
    };

    /// <summary>Where it logs.</summary>
    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>What a gauge shows now.</summary>
    public double Gauge(string instrument) => _meters.Gauge(instrument);

    public async Task StartAsync()
    {
        var module = new IngesterModule(Options, new IngesterParts
        {
            Disk = Disk,
            Objects = Objects,
            Coordination = new LocalFileStore(Disk, "/data/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1)),
            Time = TimeProvider.System,
            Meters = _meters,
            Loggers = Loggers,
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

    public Task<WriteOutcome> WriteAsync(TenantId tenant, IReadOnlyList<(string Series, long Time, double Value)> samples) =>
        WriteAsync(Module.Distributor, tenant, samples);

    /// <summary>As the other one, the way that another node's distributor takes.</summary>
    public async Task<WriteOutcome> WriteAsync(IDistributor distributor, TenantId tenant, IReadOnlyList<(string Series, long Time, double Value)> samples)
    {
        using var batch = new WriteBatch();
        batch.Reset();
        foreach (var (series, time, value) in samples)
        {
            batch.BeginSeries();
            Label(batch, "__name__", "metric");
            Label(batch, "series", series);
            if (KindsBySeries && KindOf(series) is var kind and > 1)
            {
                batch.AddHistogram(time, kind == 3 ? time - 500 : 0, HistogramOf(value, kind == 2));
            }
            else
            {
                batch.AddSample(time, value, KindsBySeries && KindOf(series) == 1 ? time - 500 : 0);
            }
        }

        return await distributor.WriteAsync(tenant, batch, CancellationToken.None);
    }

    /// <summary>What a series holds follows from its name where <see cref="KindsBySeries"/>: 0 floats, 1 with start timestamps, 2 integer and 3 float histograms.</summary>
    private static int KindOf(string series) => series.Sum(static c => c) % 4;

    /// <summary>A histogram that says the value in its sum, and again in where its buckets are and what they hold.</summary>
    private static FloatHistogram HistogramOf(double value, bool isInteger)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var buckets = new double[] { 1 + (bits & 63), 1 + ((bits >> 6) & 1023) };
        return new FloatHistogram
        {
            IsInteger = isInteger,
            CounterResetHint = (bits >> 40 & 1) == 0 ? CounterResetHint.Gauge : CounterResetHint.Unknown,
            Schema = 2,
            ZeroThreshold = 0.001,
            Sum = value,
            Count = buckets.Sum(),
            PositiveSpans = [new HistogramSpan((int)(bits >> 20 & 15), 1), new HistogramSpan(1, 1)],
            PositiveBuckets = isInteger ? buckets : [.. buckets.Select(static b => b + 0.5)],
        };
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

    private void Read(ChunkSeriesBatch batch, Dictionary<(string, long), double> samples)
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

                    if (KindsBySeries && (KindOf(key.Item1) > 1 || (KindOf(key.Item1) == 1) != (!buffer.StartTimes.IsEmpty && buffer.StartTimes[i] == buffer.Times[i] - 500)))
                    {
                        throw new InvalidOperationException($"{key} is of another kind");
                    }

                    samples[key] = buffer.Values[i];
                }

                foreach (ref readonly var sample in buffer.Histograms)
                {
                    var series = batch.LabelsAt(s).Get("series");
                    var sum = sample.Histogram.Sum;
                    if (!sample.Histogram.Compact().SameAs(HistogramOf(sum, KindOf(series) == 2)) || sample.Histogram.IsInteger != (KindOf(series) == 2)
                        || sample.StartTime != (KindOf(series) == 3 ? sample.Time - 500 : 0) || (samples.TryGetValue((series, sample.Time), out var known) && known != sum))
                    {
                        throw new InvalidOperationException($"the histogram of {series} at {sample.Time} is not what was sent");
                    }

                    samples[(series, sample.Time)] = sum;
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
