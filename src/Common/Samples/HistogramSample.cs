namespace Deucalion.Common.Samples;

/// <summary>One native histogram sample: time in Unix milliseconds, start time (0 = unknown), value.</summary>
public readonly record struct HistogramSample(long Time, long StartTime, FloatHistogram Histogram);
