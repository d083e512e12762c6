using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Makes a histogram of a message, or says what is wrong with it: the rules are those of Prometheus. Reuses one histogram and its arrays, so the
/// result is valid until the next call. Not thread-safe.
/// </summary>
internal sealed class HistogramConverter
{
    private const int MinSchema = -4;
    private const int MaxSchema = 8;

    /// <summary>Highest schema that the protocol knows: above <see cref="MaxSchema"/> the resolution is reduced.</summary>
    private const int MaxReducibleSchema = 52;

    private readonly FloatHistogram _histogram = new() { IsInteger = true };
    private readonly ExactArrays<HistogramSpan> _negativeSpans = new();
    private readonly ExactArrays<HistogramSpan> _positiveSpans = new();
    private readonly ExactArrays<double> _negativeBuckets = new();
    private readonly ExactArrays<double> _positiveBuckets = new();
    private readonly ExactArrays<double> _customValues = new();

    /// <summary>The histogram, or null with reason and problem.</summary>
    public FloatHistogram? Convert(HistogramMessage message, out RejectReason reason, out string problem)
    {
        var buckets = message.IsFloat
            ? message.NegativeCounts.Length + message.PositiveCounts.Length
            : message.NegativeDeltas.Length + message.PositiveDeltas.Length;
        if (message.HasTooMany || buckets > message.MaxBuckets)
        {
            reason = RejectReason.HistogramTooLarge;
            problem = Text($"histogram has more than {message.MaxBuckets} buckets, spans or bounds");
            return null;
        }

        reason = RejectReason.InvalidHistogram;
        if ((CheckLayout(message) ?? (message.IsFloat ? CheckCounts(message) : CheckDeltas(message))) is { } found)
        {
            problem = found;
            return null;
        }

        problem = string.Empty;
        Fill(message);
        if (message.Schema <= MaxSchema)
        {
            return _histogram;
        }

        var reduced = _histogram.ReduceTo(MaxSchema);
        reduced.IsInteger = _histogram.IsInteger;
        return reduced;
    }

    private static string? CheckLayout(HistogramMessage message)
    {
        var negative = message.IsFloat ? message.NegativeCounts.Length : message.NegativeDeltas.Length;
        var positive = message.IsFloat ? message.PositiveCounts.Length : message.PositiveDeltas.Length;
        if (message.Schema == FloatHistogram.CustomBucketsSchema)
        {
            var hasZero = message.IsFloat ? message.FloatZeroCount != 0 : message.ZeroCount != 0;
            return CheckBounds(message.CustomValues)
                ?? CheckSpans(message.PositiveSpans, positive, "custom", message.CustomValues.Length)
                ?? (hasZero ? "custom buckets have no zero bucket, but the zero count is not 0"
                    : message.ZeroThreshold != 0 ? "custom buckets have no zero bucket, but the zero threshold is not 0"
                    : message.NegativeSpans.Length > 0 || negative > 0 ? "custom buckets have no negative side"
                    : null);
        }

        return message.Schema is < MinSchema or > MaxReducibleSchema
            ? Text($"schema {message.Schema} is unknown: it must be between {MinSchema} and {MaxSchema}, or {FloatHistogram.CustomBucketsSchema} for custom buckets")
            : CheckSpans(message.PositiveSpans, positive, "positive", null)
                ?? CheckSpans(message.NegativeSpans, negative, "negative", null)
                ?? (message.CustomValues.Length > 0 ? "histogram with an exponential schema has custom bounds" : null);
    }

    private static string? CheckBounds(ReadOnlySpan<double> bounds)
    {
        for (var i = 0; i < bounds.Length; i++)
        {
            if (double.IsNaN(bounds[i]))
            {
                return "a custom bound is NaN";
            }

            if (i > 0 && bounds[i] <= bounds[i - 1])
            {
                return Text($"custom bounds do not ascend: {bounds[i]} follows {bounds[i - 1]}");
            }
        }

        return bounds.Length > 0 && double.IsPositiveInfinity(bounds[^1]) ? "the last bound, +Inf, must not be given" : null;
    }

    private static string? CheckSpans(ReadOnlySpan<HistogramSpan> spans, int buckets, string side, int? bounds)
    {
        long needed = 0, index = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            var (offset, length) = spans[i];
            if (offset < 0 && (i > 0 || bounds is not null))
            {
                return Text($"{side} side: span number {i + 1} has the negative offset {offset}");
            }

            needed += length;
            index += offset + (long)length;
        }

        return needed != buckets ? Text($"{side} side: spans need {needed} buckets, have {buckets}")
            : index > int.MaxValue ? $"{side} side: spans reach beyond any bucket"
            : index > bounds + 1L ? Text($"{side} side: {bounds} bounds do not cover spans of length {index}")
            : null;
    }

    private static string? CheckDeltas(HistogramMessage message)
    {
        var observations = message.ZeroCount;
        if ((CheckDeltas(message.NegativeDeltas, "negative", ref observations) ?? CheckDeltas(message.PositiveDeltas, "positive", ref observations)) is { } problem)
        {
            return problem;
        }

        // An observed NaN is in no bucket.
        var matches = double.IsNaN(message.Sum) ? observations <= message.Count : observations == message.Count;
        return matches ? null : Text($"{observations} observations are in buckets, but the count is {message.Count}");
    }

    private static string? CheckDeltas(ReadOnlySpan<long> deltas, string side, ref ulong observations)
    {
        var count = 0L;
        for (var i = 0; i < deltas.Length; i++)
        {
            count += deltas[i];
            if (count < 0)
            {
                return Text($"{side} side: bucket number {i + 1} has the count {count}");
            }

            observations += (ulong)count;
        }

        return null;
    }

    // Rounding lets the sum of float buckets differ from the count.
    private static string? CheckCounts(HistogramMessage message) =>
        CheckCounts(message.NegativeCounts, "negative") ?? CheckCounts(message.PositiveCounts, "positive")
            ?? (message.FloatZeroCount < 0 ? Text($"the zero bucket has the count {message.FloatZeroCount}")
                : message.FloatCount < 0 ? Text($"the count is {message.FloatCount}")
                : null);

    private static string? CheckCounts(ReadOnlySpan<double> counts, string side)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] < 0)
            {
                return Text($"{side} side: bucket number {i + 1} has the count {counts[i]}");
            }
        }

        return null;
    }

    private void Fill(HistogramMessage message)
    {
        var h = _histogram;
        h.IsInteger = !message.IsFloat;
        h.CounterResetHint = message.Hint;
        h.Schema = message.Schema;
        h.Sum = message.Sum;
        h.ZeroThreshold = message.ZeroThreshold;
        h.Count = message.IsFloat ? message.FloatCount : message.Count;
        h.ZeroCount = message.IsFloat ? message.FloatZeroCount : message.ZeroCount;
        h.NegativeSpans = _negativeSpans.Copy(message.NegativeSpans);
        h.PositiveSpans = _positiveSpans.Copy(message.PositiveSpans);
        h.CustomValues = _customValues.Copy(message.CustomValues);
        if (message.IsFloat)
        {
            h.NegativeBuckets = _negativeBuckets.Copy(message.NegativeCounts);
            h.PositiveBuckets = _positiveBuckets.Copy(message.PositiveCounts);
            return;
        }

        h.NegativeBuckets = _negativeBuckets.Of(message.NegativeDeltas.Length);
        h.PositiveBuckets = _positiveBuckets.Of(message.PositiveDeltas.Length);
        Sum(message.NegativeDeltas, h.NegativeBuckets);
        Sum(message.PositiveDeltas, h.PositiveBuckets);
    }

    private static void Sum(ReadOnlySpan<long> deltas, double[] counts)
    {
        var count = 0L;
        for (var i = 0; i < deltas.Length; i++)
        {
            counts[i] = count += deltas[i];
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
