using System.Runtime.Intrinsics;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Functions.Averages;

/// <summary>Compensated sums and means.</summary>
internal static class FloatAverage
{
    /// <summary>Runs that <see cref="TryLanes"/> takes at a time.</summary>
    public const int Lanes = 4;

    public static double SumOf(ReadOnlySpan<double> values)
    {
        double sum = 0, lost = 0;
        foreach (var v in values)
        {
            Kahan.Add(v, ref sum, ref lost);
        }

        return double.IsInfinity(sum) ? sum : sum + lost;
    }

    /// <summary>Sum divided by count as long as the sum stays finite, then a running mean.</summary>
    public static double Of(ReadOnlySpan<double> values)
    {
        double sum = values[0], lost = 0;
        for (var i = 1; i < values.Length; i++)
        {
            var (nextSum, nextLost) = (sum, lost);
            Kahan.Add(values[i], ref nextSum, ref nextLost);
            if (double.IsInfinity(nextSum))
            {
                return Running(values, i, sum / i, lost / i);
            }

            (sum, lost) = (nextSum, nextLost);
        }

        return (sum / values.Length) + (lost / values.Length);
    }

    /// <summary>
    /// Sums or averages of <see cref="Lanes"/> runs of values of equal length, as <see cref="SumOf"/> and <see cref="Of"/> compute them. False,
    /// with nothing written, where they are too short to be worth it or a sum is not finite.
    /// </summary>
    public static bool TryLanes(ReadOnlySpan<double> values, ReadOnlySpan<int> starts, int length, bool average, Span<double> results)
    {
        if (!Vector256.IsHardwareAccelerated || length < 4)
        {
            return false;
        }

        var a = values.Slice(starts[0], length);
        var b = values.Slice(starts[1], length);
        var c = values.Slice(starts[2], length);
        var d = values.Slice(starts[3], length);
        var sum = Vector256.Create(a[0], b[0], c[0], d[0]);
        sum = average ? sum : sum + Vector256<double>.Zero;
        var lost = Vector256<double>.Zero;
        for (var i = 1; i < a.Length; i++)
        {
            Kahan.Add(Vector256.Create(a[i], b[i], c[i], d[i]), ref sum, ref lost);
        }

        if (!Vector256.EqualsAll((sum - sum) + (lost - lost), Vector256<double>.Zero))
        {
            return false;
        }

        var count = Vector256.Create((double)length);
        (average ? (sum / count) + (lost / count) : sum + lost).CopyTo(results);
        return true;
    }

    /// <summary>One step of the running mean: the value is number <paramref name="count"/>.</summary>
    public static void AddToMean(double value, double count, ref double mean, ref double lost)
    {
        var q = (count - 1) / count;
        var next = q * mean;
        var nextLost = q * lost;
        Kahan.Add(value / count, ref next, ref nextLost);
        (mean, lost) = (next, nextLost);
    }

    private static double Running(ReadOnlySpan<double> values, int from, double mean, double lost)
    {
        for (var i = from; i < values.Length; i++)
        {
            AddToMean(values[i], i + 1, ref mean, ref lost);
        }

        return mean + lost;
    }
}
