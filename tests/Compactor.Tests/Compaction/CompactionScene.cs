using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Compaction;
using Deucalion.Compactor.Retention;
using Deucalion.Replication.Coordination;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Objects;
using Testing.Telemetry;

namespace Deucalion.Compactor.Tests.Compaction;

/// <summary>A bucket in memory, a compactor with its real files, a clock that is set by hand. Can be killed and started again.</summary>
internal sealed class CompactionScene : IDisposable
{
    public const long Hour = 3_600_000;

    public static readonly PartitionId Partition = new(4);
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();
    private readonly LocalFileStore _coordination;
    private readonly RetentionRun _retention;

    public CompactionScene()
    {
        Clock.Advance(Start + TimeSpan.FromHours(40) - Clock.GetUtcNow());
        Disk = new CuttableDisk(new LinuxDisk());
        Objects = new MemoryObjectStore(Disk, Clock);
        Manifests = new ManifestStore(Objects);
        _coordination = new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), Clock, TimeSpan.FromSeconds(1));
        _retention = new RetentionRun(Objects, Manifests, new RetentionMetrics(Meters), Clock, NullLogger<RetentionRun>.Instance);
        Compaction = Begin();
    }

    public ManualTime Clock { get; } = new();

    public CuttableDisk Disk { get; }

    public MemoryObjectStore Objects { get; }

    public ManifestStore Manifests { get; }

    public TestMeterFactory Meters { get; } = new();

    public TenantLeases Leases => new(_coordination, "other");

    public CompactionRun Compaction { get; private set; }

    public CompactionOptions Options { get; set; } = new();

    public string WorkDirectory => _directory.Child("compaction");

    /// <summary>Another process over the same bucket.</summary>
    public CompactionRun Begin(string? workDirectory = null)
    {
        var executor = new CompactionExecutor(Objects, Manifests, Disk, workDirectory ?? WorkDirectory, Clock);
        executor.RemoveLeftovers();
        return Compaction = new CompactionRun(
            new ManifestStore(Objects), executor, new TenantLeases(_coordination, "node"), new CompactionMetrics(Meters), Clock, NullLogger<CompactionRun>.Instance);
    }

    public Task RunAsync() => Compaction.RunAsync(Options, CancellationToken.None);

    public Task RetainAsync() => _retention.RunAsync(new RetentionOptions(), CancellationToken.None);

    public async Task<Manifest> ManifestAsync() => await Manifests.ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None);

    /// <summary>Publishes a block, as a head does, of floats and histograms of some hours of the first day.</summary>
    public async Task<ManifestBlock> PublishAsync(Random random, double fromHour, double hours)
    {
        var builder = new BlockBuilder();
        var encoder = new SeriesEncoder();
        var from = Start.ToUnixTimeMilliseconds() + (long)(fromHour * Hour);
        for (var series = 0; series < 4; series++)
        {
            if (series > 0 && random.Next(4) == 0)
            {
                continue;
            }

            var samples = new SampleBuffer();
            for (var time = from + series; time < from + (long)(hours * Hour); time += 60_000)
            {
                if (series == 3)
                {
                    var count = time / 60_000 % 1000;
                    samples.Add(new HistogramSample(time, 0, new FloatHistogram { IsInteger = true, Schema = 1, Count = count, Sum = count, PositiveSpans = [new(0, 1)], PositiveBuckets = [count] }));
                }
                else
                {
                    samples.Add(time, random.Next(3));
                }
            }

            encoder.Encode(samples);
            builder.BeginSeries(Labels.Of(("__name__", "scene"), ("series", $"{series}")));
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
            }
        }

        var made = new byte[10];
        random.NextBytes(made);
        var disk = new LinuxDisk();
        disk.CreateDirectory(_directory.Child("made"));
        var ulid = Ulid.Create(from + (long)(hours * Hour), made);
        var meta = BlockWriter.Write(
            disk,
            _directory.Child("made"),
            builder,
            new BlockWriteOptions { Ulid = ulid, Extension = new BlockExtension { Partitions = [Partition.Value], Generations = [random.Next(100)] } },
            CancellationToken.None)!;
        var bytes = await BlockUpload.UploadAsync(disk, Path.Combine(_directory.Child("made"), meta.Ulid), Objects, TenantId.Anonymous, meta.Ulid, CancellationToken.None);
        var block = new ManifestBlock
        {
            Ulid = meta.Ulid,
            MinTime = meta.MinTime,
            MaxTime = meta.MaxTime,
            Generations = meta.Deucalion!.Generations,
            Level = 1,
            Bytes = bytes,
            Series = meta.Stats.NumSeries,
            Samples = meta.Stats.NumSamples,
        };
        await Manifests.UpdateAsync(TenantId.Anonymous, Partition, x => x.WithBlock(block), CancellationToken.None);
        return block;
    }

    /// <summary>What a query over all listed blocks sees, a line for each sample.</summary>
    public async Task<IReadOnlyList<string>> SamplesAsync()
    {
        var selections = new List<(BlockReader Block, BlockSelection Selection)>();
        var lines = new List<string>();
        try
        {
            foreach (var block in (await ManifestAsync()).Blocks)
            {
                var reader = await BlockReader.OpenAsync(Objects, BlockUpload.Prefix(TenantId.Anonymous, block.Ulid), CancellationToken.None);
                var selection = await reader.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None);
                await selection.LoadAsync(CancellationToken.None);
                selections.Add((reader, selection));
            }

            var (merger, samples) = (new ChunkMerger(), new SampleBuffer());
            var places = selections.SelectMany(static x => Enumerable.Range(0, x.Selection.Count).Select(y => (x.Selection, Series: y)));
            foreach (var series in places.GroupBy(static x => x.Selection.LabelsAt(x.Series)).OrderBy(static x => x.Key))
            {
                merger.Begin();
                foreach (var (selection, number) in series)
                {
                    selection.AddTo(merger, number);
                }

                merger.Read(long.MinValue, long.MaxValue, samples);
                for (var i = 0; i < samples.Count; i++)
                {
                    lines.Add($"{series.Key} {samples.Times[i]} {BitConverter.DoubleToInt64Bits(samples.Values[i]):x}");
                }

                lines.AddRange(samples.Histograms.ToArray().Select(x => $"{series.Key} {x.Time} {x.Histogram.Count} {x.Histogram.PositiveBuckets.Length}"));
            }

            return lines;
        }
        finally
        {
            selections.ForEach(static x =>
            {
                x.Selection.Dispose();
                x.Block.Dispose();
            });
        }
    }

    public void Dispose()
    {
        Disk.CutAfter(long.MaxValue);
        Meters.Dispose();
        _directory.Dispose();
    }
}
