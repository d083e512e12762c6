using System.Runtime.InteropServices;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Decodes the chunks of one series, from any number of heads and blocks, into one column of samples in order of time: duplicates resolved
/// by
/// <see cref="SampleConflict"/>, deletions applied, clipped to a range. Reused from series to series by one thread; float series that do
/// not overlap cost no copy and no allocation.
/// </summary>
public sealed class ChunkMerger
{
    private static readonly Comparison<Entry> ByTime = static (a, b) =>
        a.MinTime != b.MinTime ? a.MinTime.CompareTo(b.MinTime) : a.MaxTime.CompareTo(b.MaxTime);

    private readonly List<Entry> _entries = [];
    private readonly SampleBuffer _run = new();
    private readonly FloatMerge _floats = new();
    private readonly List<HistogramSample> _histograms = [];

    /// <summary>Forgets the chunks of the series before.</summary>
    public void Begin() => _entries.Clear();

    /// <summary>
    /// Offers a chunk that holds samples within [minTime, maxTime]; those in the deleted ranges (sorted, apart) do not count. The source
    /// must stay valid until <see cref="Read"/> has returned.
    /// </summary>
    public void Add(IChunkSource source, long handle, long minTime, long maxTime, ReadOnlyMemory<TimeInterval> deleted) =>
        _entries.Add(new Entry(source, handle, minTime, maxTime, deleted));

    /// <summary>Replaces the content of the buffer by the samples with minTime ≤ time ≤ maxTime.</summary>
    /// <exception cref="CorruptChunkException">A chunk is damaged.</exception>
    public void Read(long minTime, long maxTime, SampleBuffer buffer, CancellationToken cancellationToken = default)
    {
        buffer.Clear();
        _histograms.Clear();
        SortEntries();
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(_entries))
        {
            if (entry.MaxTime < minTime || entry.MinTime > maxTime || IsDeleted(entry))
            {
                continue;
            }

            // A chunk is decoded in microseconds, a series of years has many.
            cancellationToken.ThrowIfCancellationRequested();

            var chunk = entry.Source.Chunk(entry.Handle, out var encoding);
            var from = Math.Max(minTime, entry.MinTime);
            var to = Math.Min(maxTime, entry.MaxTime);
            if (!ChunkEncoding.IsHistogram(encoding) && Follows(entry, encoding, buffer))
            {
                ChunkDecoder.Decode(encoding, chunk, from, to, buffer);
                continue;
            }

            _run.Clear();
            ChunkDecoder.Decode(encoding, chunk, from, to, _run);
            if (_run.Count > 0)
            {
                _floats.Merge(_run, entry.Deleted.Span, buffer);
            }

            MergeHistograms(_run.Histograms, entry.Deleted.Span);
        }

        if (_histograms.Count > 0)
        {
            AddHistograms(buffer);
        }
    }

    private static bool Follows(in Entry entry, byte encoding, SampleBuffer buffer) =>
        entry.Deleted.IsEmpty
        && (buffer.Count == 0 || buffer.Times[^1] < entry.MinTime)
        && (encoding != ChunkEncoding.Xor || buffer.StartTimes.IsEmpty);

    private static bool IsDeleted(in Entry entry)
    {
        foreach (var interval in entry.Deleted.Span)
        {
            if (interval.Min <= entry.MinTime && interval.Max >= entry.MaxTime)
            {
                return true;
            }
        }

        return false;
    }

    private void SortEntries()
    {
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var i = 1; i < entries.Length; i++)
        {
            if (entries[i].MinTime < entries[i - 1].MinTime)
            {
                entries.Sort(ByTime);
                return;
            }
        }
    }

    // A sample's hint compares it with the sample before it in its chunk: it holds only where that is the one before it in the result.
    private void MergeHistograms(ReadOnlySpan<HistogramSample> run, ReadOnlySpan<TimeInterval> deleted)
    {
        var previous = -1;
        foreach (ref readonly var sample in run)
        {
            if (FloatMerge.Contains(deleted, sample.Time))
            {
                previous = -1;
                continue;
            }

            // Chunks come in order of their first sample, so the place is near the end.
            var at = _histograms.Count;
            while (at > 0 && _histograms[at - 1].Time > sample.Time)
            {
                at--;
            }

            if (at > 0 && _histograms[at - 1].Time == sample.Time)
            {
                _histograms[at - 1] = SampleConflict.Pick(_histograms[at - 1], sample);
                previous = -1;
                ForgetHint(at - 1);
                ForgetHint(at);
            }
            else
            {
                _histograms.Insert(at, sample);
                if (previous != at - 1)
                {
                    ForgetHint(at);
                }

                ForgetHint(at + 1);
                previous = at;
            }
        }
    }

    private void ForgetHint(int index)
    {
        if (index < _histograms.Count && _histograms[index].Histogram.CounterResetHint == CounterResetHint.NotCounterReset)
        {
            _histograms[index] = _histograms[index] with { Histogram = _histograms[index].Histogram.WithHint(CounterResetHint.Unknown) };
        }
    }

    private void AddHistograms(SampleBuffer buffer)
    {
        if (buffer.Count > 0)
        {
            _floats.Resolve(_histograms, buffer);
        }

        foreach (ref readonly var sample in CollectionsMarshal.AsSpan(_histograms))
        {
            buffer.Add(sample);
        }

        _histograms.Clear();
    }

    private readonly record struct Entry(
        IChunkSource Source, long Handle, long MinTime, long MaxTime, ReadOnlyMemory<TimeInterval> Deleted);
}
