using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators;

/// <summary>Memory that only saves work.</summary>
internal interface IDroppable
{
    /// <summary>Gives it back. Any thread, which holds no lock of this.</summary>
    void Drop();
}

/// <summary>Counts the samples and bytes a query holds and has read, and stops it at the limits. Thread-safe.</summary>
internal sealed class SampleBudget(long limit, long maxBytes, bool measure)
{
    private readonly List<IDroppable> _droppable = [];
    private volatile bool _isShort;
    private long _bytes;
    private long _peakBytes;
    private long _localPeakBytes;
    private long _held;
    private long _peak;
    private long _read;
    private long _queryable;

    public long Peak => Interlocked.Read(ref _peak);

    public long Read => Interlocked.Read(ref _read);

    public long Queryable => Interlocked.Read(ref _queryable);

    /// <summary>Most bytes held at a time.</summary>
    public long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>Whether single operators are measured.</summary>
    public bool IsMeasured => measure;

    /// <summary>Begins to look for the peak of a part of the query; parts nest and do not overlap.</summary>
    public (long OuterPeak, long Held) BeginPeak()
    {
        var held = Interlocked.Read(ref _bytes);
        return (Interlocked.Exchange(ref _localPeakBytes, held), held);
    }

    /// <summary>Most bytes that the part held at a time beyond what was held before it began.</summary>
    public long EndPeak((long OuterPeak, long Held) mark)
    {
        var peak = Interlocked.Read(ref _localPeakBytes);
        Interlocked.Exchange(ref _localPeakBytes, Math.Max(peak, mark.OuterPeak));
        return peak - mark.Held;
    }

    /// <summary>Samples of a series were read into a buffer that lives as long as the series is worked on; returns their bytes.</summary>
    /// <param name="buffer">The samples.</param>
    /// <param name="fromSource">Whether the source was asked for them.</param>
    public long CountRead(SampleBuffer buffer, bool fromSource)
    {
        var n = buffer.Count + HistogramCost(buffer.Histograms);
        Interlocked.Add(ref _read, fromSource ? buffer.Count + buffer.Histograms.Length : 0);
        // The buffer is given back soon; it counts for the peak only.
        Raise(Interlocked.Read(ref _held) + n);
        var bytes = BytesOf(buffer);
        RaiseBytes(Interlocked.Read(ref _bytes) + bytes);
        return bytes;
    }

    /// <summary>Samples that steps looked at.</summary>
    public void CountQueryable(long samples) => Interlocked.Add(ref _queryable, samples);

    /// <summary>Points that stay in memory until <see cref="Release"/>, and the bytes that hold them.</summary>
    public void Hold(long samples, long bytes)
    {
        Raise(Interlocked.Add(ref _held, samples));
        HoldBytes(bytes);
    }

    public void Release(long samples, long bytes)
    {
        Interlocked.Add(ref _held, -samples);
        ReleaseBytes(bytes);
    }

    /// <summary>Memory that is no point of the result of an operator: scratch, indexes, state.</summary>
    public void HoldBytes(long bytes)
    {
        if (bytes != 0)
        {
            RaiseBytes(Interlocked.Add(ref _bytes, bytes));
        }
    }

    /// <summary>Takes memory that only saves work, where at most half of what the query may use is taken then; false where it is not to be had.</summary>
    public bool TryHoldBytes(long bytes)
    {
        if (_isShort || Interlocked.Read(ref _bytes) + bytes > maxBytes / 2)
        {
            return false;
        }

        HoldBytes(bytes);
        return true;
    }

    /// <summary>Registers what takes memory that only saves work; it is told to give it back before the query would fail for lack of it.</summary>
    public void AddDroppable(IDroppable droppable)
    {
        lock (_droppable)
        {
            _droppable.Add(droppable);
        }
    }

    public void ReleaseBytes(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>Bytes of the arrays of a column and of the histograms in it.</summary>
    public static long BytesOf(StepColumn column)
    {
        var bytes = 64 + (8L * column.Steps);
        if (column.Histograms is not null)
        {
            foreach (var h in column.Histograms)
            {
                bytes += 8 + (h is null ? 0 : BytesOf(h));
            }
        }

        return bytes;
    }

    /// <summary>Bytes of a histogram with its arrays.</summary>
    public static long BytesOf(FloatHistogram h) =>
        176 + (8L * (h.PositiveSpans.Length + h.NegativeSpans.Length + h.PositiveBuckets.Length + h.NegativeBuckets.Length + h.CustomValues.Length));

    /// <summary>Samples that a column stands for.</summary>
    public static long CostOf(StepColumn column)
    {
        long n = 0;
        foreach (var v in column.Values)
        {
            n += StepColumn.IsAbsent(v) ? 0 : 1;
        }

        if (column.Histograms is not null)
        {
            foreach (var h in column.Histograms)
            {
                n += h is null ? 0 : CostOf(h);
            }
        }

        return n;
    }

    private static long CostOf(FloatHistogram h)
    {
        // Prometheus counts a histogram by its size in floats of 16 bytes.
        var bytes = 96 + (8 * (h.PositiveSpans.Length + h.NegativeSpans.Length + h.PositiveBuckets.Length + h.NegativeBuckets.Length + h.CustomValues.Length));
        return (bytes + 8) / 16;
    }

    private static long HistogramCost(ReadOnlySpan<HistogramSample> histograms)
    {
        long n = 0;
        foreach (ref readonly var sample in histograms)
        {
            n += CostOf(sample.Histogram);
        }

        return n;
    }

    /// <summary>Bytes of the samples in a buffer.</summary>
    public static long BytesOf(SampleBuffer buffer)
    {
        var bytes = 16L * buffer.Count;
        foreach (ref readonly var sample in buffer.Histograms)
        {
            bytes += 24 + BytesOf(sample.Histogram);
        }

        return bytes;
    }

    /// <summary>The bytes held once what only saves work has been given back, for the rest of the query.</summary>
    private long AfterDropping()
    {
        lock (_droppable)
        {
            _isShort = true;
            foreach (var droppable in _droppable)
            {
                droppable.Drop();
            }

            _droppable.Clear();
        }

        return Interlocked.Read(ref _bytes);
    }

    private void RaiseBytes(long bytes)
    {
        if (bytes > maxBytes && (bytes = AfterDropping()) > maxBytes)
        {
            throw new QueryException(
                QueryErrorKind.Execution, $"query needs {bytes} bytes of memory, more than {maxBytes}: select fewer series, a shorter time or a larger step")
            {
                Exhausted = QueryResource.Bytes,
            };
        }

        Raise(ref _peakBytes, bytes);
        if (measure)
        {
            Raise(ref _localPeakBytes, bytes);
        }
    }

    private void Raise(long held)
    {
        if (held > limit)
        {
            throw new QueryException(QueryErrorKind.Execution, "query processing would load too many samples into memory in query execution") { Exhausted = QueryResource.Samples };
        }

        Raise(ref _peak, held);
    }

    private static void Raise(ref long highest, long value)
    {
        var peak = Interlocked.Read(ref highest);
        while (value > peak)
        {
            var seen = Interlocked.CompareExchange(ref highest, value, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }
}
