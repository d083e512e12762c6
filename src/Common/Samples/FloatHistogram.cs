namespace Deucalion.Common.Samples;

/// <summary>What is known about a counter reset before a histogram sample; the values are those of remote write.</summary>
public enum CounterResetHint : byte
{
    /// <summary>Compare with the sample before.</summary>
    Unknown = 0,

    /// <summary>A reset happened.</summary>
    CounterReset = 1,

    /// <summary>No reset happened.</summary>
    NotCounterReset = 2,

    /// <summary>A gauge histogram: resets mean nothing.</summary>
    Gauge = 3,
}

/// <summary>A run of consecutive buckets: <paramref name="Offset"/> is the gap to the previous span's end (for the first: the first bucket's index).</summary>
public readonly record struct HistogramSpan(int Offset, uint Length);

/// <summary>
/// A native histogram with float counts; bucket counts are absolute. Exponential schemas are -4…8, schema -53 has custom bounds.
/// Bucket i of schema s covers (2^((i-1)*2^-s), 2^(i*2^-s)].
/// </summary>
public sealed class FloatHistogram
{
    /// <summary>Schema of histograms with custom bucket bounds.</summary>
    public const int CustomBucketsSchema = -53;

    /// <summary>Counter reset hint.</summary>
    public CounterResetHint CounterResetHint { get; set; }

    /// <summary>
    /// Whether all counts are integers as the instrumented program counted them, so that integer chunks hold the sample. Results of arithmetic are not,
    /// whatever their values; counts above 2^53 are the nearest float.
    /// </summary>
    public bool IsInteger { get; set; }

    /// <summary>Resolution.</summary>
    public int Schema { get; set; }

    /// <summary>Width of the zero bucket.</summary>
    public double ZeroThreshold { get; set; }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount { get; set; }

    /// <summary>All observations.</summary>
    public double Count { get; set; }

    /// <summary>Sum of observations; <see cref="SpecialValues.StaleNaN"/> marks a stale sample.</summary>
    public double Sum { get; set; }

    /// <summary>Layout of <see cref="PositiveBuckets"/>.</summary>
    public HistogramSpan[] PositiveSpans { get; set; } = [];

    /// <summary>Layout of <see cref="NegativeBuckets"/>.</summary>
    public HistogramSpan[] NegativeSpans { get; set; } = [];

    /// <summary>Counts of the positive buckets.</summary>
    public double[] PositiveBuckets { get; set; } = [];

    /// <summary>Counts of the negative buckets.</summary>
    public double[] NegativeBuckets { get; set; } = [];

    /// <summary>Upper bounds of custom buckets (without +Inf), ascending; empty for exponential schemas.</summary>
    public double[] CustomValues { get; set; } = [];
}
