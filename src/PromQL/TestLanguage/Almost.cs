using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Equality within a relative error of one in a million.</summary>
internal static class Almost
{
    private const double Epsilon = 0.000001;
    private const double SmallestNormal = 2.2250738585072014e-308;

    public static bool Equal(double a, double b)
    {
        if (SpecialValues.IsStaleNaN(a) || SpecialValues.IsStaleNaN(b))
        {
            return SpecialValues.IsStaleNaN(a) && SpecialValues.IsStaleNaN(b);
        }

        if ((double.IsNaN(a) && double.IsNaN(b)) || a == b)
        {
            return true;
        }

        var sum = Math.Abs(a) + Math.Abs(b);
        var difference = Math.Abs(a - b);
        return a == 0 || b == 0 || sum < SmallestNormal
            ? difference < Epsilon * SmallestNormal
            : difference / Math.Min(sum, double.MaxValue) < Epsilon;
    }

    /// <summary>Null where both are equal, else what differs.</summary>
    public static string? Difference(FloatHistogram expected, FloatHistogram actual, bool withHint)
    {
        var a = expected.Compact();
        var b = actual.Compact();
        if (withHint && a.CounterResetHint != b.CounterResetHint)
        {
            return "hint";
        }

        return a.Schema != b.Schema ? "schema"
            : !Equal(a.Count, b.Count) ? "count"
            : !Equal(a.Sum, b.Sum) ? "sum"
            : a.UsesCustomBuckets() && !a.CustomValues.AsSpan().SequenceEqual(b.CustomValues) ? "custom values"
            : a.ZeroThreshold != b.ZeroThreshold ? "zero threshold"
            : !Equal(a.ZeroCount, b.ZeroCount) ? "zero count"
            : !a.PositiveSpans.AsSpan().SequenceEqual(b.PositiveSpans) ? "positive spans"
            : !a.NegativeSpans.AsSpan().SequenceEqual(b.NegativeSpans) ? "negative spans"
            : !Equal(a.PositiveBuckets, b.PositiveBuckets) ? "positive buckets"
            : !Equal(a.NegativeBuckets, b.NegativeBuckets) ? "negative buckets"
            : null;
    }

    private static bool Equal(double[] a, double[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (!Equal(a[i], b[i]))
            {
                return false;
            }
        }

        return a.Length == b.Length;
    }
}
