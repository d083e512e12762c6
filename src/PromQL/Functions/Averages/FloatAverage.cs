using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Functions.Averages;

/// <summary>Compensated sums and means.</summary>
internal static class FloatAverage
{
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
