using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>
/// Reads the head of a Prometheus data directory as Prometheus does when it starts: mapped chunks, newest checkpoint, the segments behind it, then the
/// log of samples out of order. Used once.
/// </summary>
internal sealed class HeadLoader : IWalSink
{
    private readonly long _minTime;
    private readonly Dictionary<ulong, List<HeadChunk>> _mapped = [];
    private readonly Dictionary<ulong, HeadSeries> _byReference = [];
    private readonly Dictionary<Labels, HeadSeries> _series = [];
    private readonly Dictionary<HeadSeries, List<TimeInterval>> _deleted = [];
    private readonly WalRecordDecoder _decoder;
    private readonly SeriesEncoder _encoder = new();
    private readonly SampleBuffer _buffer = new();
    private bool _isLate;

    /// <param name="minTime">Samples in order that are older are in blocks.</param>
    public HeadLoader(long minTime)
    {
        _minTime = minTime;
        _decoder = new WalRecordDecoder(this);
    }

    public PrometheusHeadStats Stats { get; } = new();

    /// <summary>Reads everything; returns the series that have chunks, in order of their labels.</summary>
    public HeadSeries[] Load(string directory, CancellationToken cancellationToken)
    {
        ReadChunks(Path.Combine(directory, PrometheusHead.ChunksDirectory), cancellationToken);
        var wal = Path.Combine(directory, PrometheusHead.WalDirectory);
        var (checkpoint, last) = WalSegments.Checkpoint(wal);
        if (checkpoint is not null)
        {
            ReadLog(WalSegments.In(checkpoint, -1), false, cancellationToken);
        }

        ReadLog(WalSegments.In(wal, last), true, cancellationToken);
        _isLate = true;
        ReadLog(WalSegments.In(Path.Combine(directory, PrometheusHead.LateWalDirectory), -1), true, cancellationToken);
        Stats.UnknownSeries += _mapped.Values.Sum(static c => c.Count);
        return Complete();
    }

    void IWalSink.Series(ulong reference, Labels labels)
    {
        if (!_series.TryGetValue(labels, out var series))
        {
            _series.Add(labels, series = new HeadSeries(labels));
        }

        _byReference[reference] = series;
        if (_mapped.Remove(reference, out var chunks))
        {
            series.Add(chunks);
        }
    }

    void IWalSink.Float(ulong reference, long time, long startTime, double value)
    {
        if (Accepting(reference, time) is { } series)
        {
            series.Run(_isLate).Add(time, value, startTime);
            EncodeWhenFull(series);
        }
    }

    void IWalSink.Histogram(ulong reference, long time, long startTime, FloatHistogram histogram)
    {
        if (Accepting(reference, time) is { } series)
        {
            series.Run(_isLate).Add(new HistogramSample(time, startTime, histogram));
            EncodeWhenFull(series);
        }
    }

    void IWalSink.Deleted(ulong reference, long minTime, long maxTime)
    {
        if (!_byReference.TryGetValue(reference, out var series))
        {
            Stats.UnknownSeries++;
            return;
        }

        Stats.Deletions++;
        if (!_deleted.TryGetValue(series, out var ranges))
        {
            _deleted.Add(series, ranges = []);
        }

        ranges.Add(new TimeInterval(minTime, maxTime));
    }

    void IWalSink.Skipped(WalSkip kind)
    {
        switch (kind)
        {
            case WalSkip.Exemplar:
                Stats.Exemplars++;
                break;
            case WalSkip.Metadata:
                Stats.Metadata++;
                break;
            case WalSkip.UnknownSchema:
                Stats.UnknownSchemas++;
                break;
            case WalSkip.UnknownRecord:
                Stats.UnknownRecords++;
                break;
            default:
                // Samples before the marker are in a mapped chunk as well, which was read.
                break;
        }
    }

    private void ReadChunks(string directory, CancellationToken cancellationToken)
    {
        var files = WalSegments.In(directory, -1);
        for (var i = 0; i < files.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (new FileInfo(files[i]).Length == 0)
            {
                continue;
            }

            using var file = new HeadChunkFile(files[i], i == files.Count - 1);
            while (file.Next(out var chunk))
            {
                if (!file.IsLate && file.MaxTime < _minTime)
                {
                    continue;
                }

                Stats.MappedChunks++;
                if (!_mapped.TryGetValue(file.Reference, out var chunks))
                {
                    _mapped.Add(file.Reference, chunks = []);
                }

                chunks.Add(new HeadChunk(file.Encoding, file.MinTime, file.MaxTime, file.IsLate, chunk.ToArray()));
            }

            if (file.IsTorn)
            {
                Stats.TornFiles.Add($"{files[i]}: ends within a chunk at offset {file.ChunkStart}");
            }
        }
    }

    private void ReadLog(IReadOnlyList<string> segments, bool mayBeTorn, CancellationToken cancellationToken)
    {
        for (var i = 0; i < segments.Count; i++)
        {
            Stats.Segments++;
            using var reader = new WalReader(segments[i], mayBeTorn && i == segments.Count - 1);
            while (reader.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    _decoder.Decode(reader.Record);
                }
                catch (CorruptBlockException e)
                {
                    throw reader.Bad($"the record cannot be read: {e.Message}", e);
                }
            }

            if (reader.TornBytes > 0)
            {
                Stats.TornFiles.Add($"{segments[i]}: ends within a record: {reader.TornBytes} bytes from offset {reader.RecordStart} on are cut off");
            }
        }
    }

    // The series that takes a sample, or null where the sample is not to be kept.
    private HeadSeries? Accepting(ulong reference, long time)
    {
        if (!_byReference.TryGetValue(reference, out var series))
        {
            Stats.UnknownSeries++;
            return null;
        }

        if (_isLate)
        {
            Stats.LateSamples++;
            return series;
        }

        if (time < _minTime)
        {
            Stats.InBlocks++;
            return null;
        }

        if (!series.Advance(time))
        {
            Stats.NotInOrder++;
            return null;
        }

        if (series.IsMapped(time))
        {
            Stats.InMappedChunks++;
            return null;
        }

        Stats.Samples++;
        return series;
    }

    private void EncodeWhenFull(HeadSeries series)
    {
        if (series.Run(_isLate).IsFull)
        {
            series.Encode(_isLate, _buffer, _encoder);
        }
    }

    private HeadSeries[] Complete()
    {
        foreach (var series in _series.Values)
        {
            series.Complete(_buffer, _encoder);
            if (_deleted.TryGetValue(series, out var ranges))
            {
                series.Deleted = TombstoneSet.From(ranges.Select(static r => (0u, r))).Of(0);
            }
        }

        HeadSeries[] loaded = [.. _series.Values.Where(static s => s.Chunks.Count > 0)];
        Array.Sort(loaded, static (a, b) => a.Labels.CompareTo(b.Labels));
        return loaded;
    }
}
