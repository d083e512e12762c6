using System.Buffers.Binary;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>
/// The head of a Prometheus data directory: the samples that are in no block yet, from mapped chunks and both logs. All of it is kept in memory, encoded.
/// Prometheus must not run on the directory.
/// </summary>
public sealed class PrometheusHead
{
    internal const string WalDirectory = "wal";
    internal const string LateWalDirectory = "wbl";
    internal const string ChunksDirectory = "chunks_head";

    /// <summary>Length of the blocks that are made of a head, milliseconds.</summary>
    private const long BlockDuration = 7_200_000;

    private readonly HeadSeries[] _series;
    private readonly long _minTime;

    private PrometheusHead(HeadSeries[] series, long minTime, PrometheusHeadStats stats)
    {
        _series = series;
        _minTime = minTime;
        Stats = stats;
    }

    /// <summary>What was found, and what was left out.</summary>
    public PrometheusHeadStats Stats { get; }

    /// <summary>Number of series that have samples.</summary>
    public int SeriesCount => _series.Length;

    internal ReadOnlySpan<HeadSeries> Series => _series;

    /// <summary>Whether a directory has a head: a log or a checkpoint of one.</summary>
    public static bool Exists(string directory)
    {
        var wal = Path.Combine(directory, WalDirectory);
        return WalSegments.Checkpoint(wal).Path is not null || WalSegments.In(wal, -1).Count > 0;
    }

    /// <summary>
    /// Where the head of a directory begins as its blocks have it: at the end of the newest block of samples in order, as Prometheus has it on a
    /// restart, or <see cref="long.MinValue"/> without blocks.
    /// </summary>
    public static long Begin(IEnumerable<BlockMeta> blocks)
    {
        var begin = long.MinValue;
        foreach (var block in blocks)
        {
            if (block.Compaction.Hints is not { } hints || !hints.Any(static h => h is "from-out-of-order" or "from-stale-series"))
            {
                begin = Math.Max(begin, block.MaxTime);
            }
        }

        return begin;
    }

    /// <summary>Reads the head; samples in order older than <paramref name="minTime"/> are in blocks and left out. Damage is <see cref="WalException"/>.</summary>
    public static PrometheusHead Load(string directory, long minTime, CancellationToken cancellationToken)
    {
        var loader = new HeadLoader(minTime);
        return new PrometheusHead(loader.Load(directory, cancellationToken), minTime, loader.Stats);
    }

    /// <summary>
    /// Writes the samples as blocks aligned to 2 h into a directory. The ULIDs in the metadata returned are made of time and content: the same samples
    /// have the same, which need not be that of the directory.
    /// </summary>
    public IReadOnlyList<DatabaseBlock> WriteBlocks(IDisk disk, string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        disk.CreateDirectory(directory);
        var written = new List<DatabaseBlock>();
        var symbols = new HeadSymbols(_series);
        Span<byte> content = stackalloc byte[10];
        foreach (var window in Windows())
        {
            var source = new HeadBlockSource(this, symbols, window, window + BlockDuration - 1);
            var options = new BlockWriteOptions { Ulid = Ulid.Create(time.GetUtcNow()) };
            if (BlockWriter.Write(disk, directory, source, options, cancellationToken) is { } meta)
            {
                BinaryPrimitives.WriteUInt64BigEndian(content, source.ContentHash);
                var ulid = Ulid.Create(Math.Max(0, meta.MaxTime), content).ToString();
                var own = meta with { Ulid = ulid, Compaction = meta.Compaction with { Sources = [ulid] } };
                var path = Path.Combine(directory, meta.Ulid);
                written.Add(new DatabaseBlock(path, own, DatabaseDirectory.Bytes(path)));
            }
        }

        return written;
    }

    internal void AddTo(ChunkMerger merger, int series) => _series[series].AddTo(merger, _minTime);

    internal bool Matches(int series, IReadOnlyList<LabelMatcher> matchers) =>
        matchers.All(m => m.Matches(_series[series].Labels.Get(m.Name)));

    private SortedSet<long> Windows()
    {
        var windows = new SortedSet<long>();
        var samples = new SampleBuffer();
        foreach (var series in _series)
        {
            foreach (var chunk in series.Chunks)
            {
                windows.Add(Window(chunk.MinTime));
                windows.Add(Window(chunk.MaxTime));
                if (Window(chunk.MaxTime) - Window(chunk.MinTime) > BlockDuration)
                {
                    samples.Clear();
                    ChunkDecoder.Decode(chunk.Encoding, chunk.Data, chunk.MinTime, chunk.MaxTime, samples);
                    foreach (var time in samples.Times)
                    {
                        windows.Add(Window(time));
                    }

                    foreach (ref readonly var sample in samples.Histograms)
                    {
                        windows.Add(Window(sample.Time));
                    }
                }
            }
        }

        return windows;
    }

    private static long Window(long time) => (time >= 0 ? time / BlockDuration : ~(~time / BlockDuration)) * BlockDuration;
}
