using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators;

/// <summary>Counts the samples a query holds and has read, and stops it at the limit. Thread-safe.</summary>
internal sealed class SampleBudget(long limit)
{
    private long _held;
    private long _peak;
    private long _read;
    private long _queryable;

    public long Peak => Interlocked.Read(ref _peak);

    public long Read => Interlocked.Read(ref _read);

    public long Queryable => Interlocked.Read(ref _queryable);

    /// <summary>Samples of a series were read into a buffer that lives as long as the series is worked on.</summary>
    public void CountRead(SampleBuffer buffer)
    {
        var n = buffer.Count + HistogramCost(buffer.Histograms);
        Interlocked.Add(ref _read, buffer.Count + buffer.Histograms.Length);
        // The buffer is given back soon; it counts for the peak only.
        Raise(Interlocked.Read(ref _held) + n);
    }

    /// <summary>Samples that steps looked at.</summary>
    public void CountQueryable(long samples) => Interlocked.Add(ref _queryable, samples);

    /// <summary>Points that stay in memory until <see cref="Release"/>.</summary>
    public void Hold(long samples) => Raise(Interlocked.Add(ref _held, samples));

    public void Release(long samples) => Interlocked.Add(ref _held, -samples);

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

    private void Raise(long held)
    {
        if (held > limit)
        {
            throw QueryException.Execution("query processing would load too many samples into memory in query execution");
        }

        var peak = Interlocked.Read(ref _peak);
        while (held > peak)
        {
            var seen = Interlocked.CompareExchange(ref _peak, held, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }
}
