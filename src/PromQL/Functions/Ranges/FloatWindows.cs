using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>ts_of_min_over_time: the last of equal minima.</summary>
internal readonly struct TimeOfMinWindow : IFloatWindow
{
    public static double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            at = values[i] <= values[at] || double.IsNaN(values[at]) ? i : at;
        }

        return times[at] / 1000.0;
    }
}

/// <summary>ts_of_max_over_time: the last of equal maxima.</summary>
internal readonly struct TimeOfMaxWindow : IFloatWindow
{
    public static double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            at = values[i] >= values[at] || double.IsNaN(values[at]) ? i : at;
        }

        return times[at] / 1000.0;
    }
}

/// <summary>stdvar_over_time.</summary>
internal readonly struct VarianceWindow : IFloatWindow
{
    public static double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        double count = 0, mean = 0, meanLost = 0, squares = 0, squaresLost = 0;
        foreach (var v in values)
        {
            count++;
            var delta = v - (mean + meanLost);
            Kahan.Add(delta / count, ref mean, ref meanLost);
            Kahan.Add(delta * (v - (mean + meanLost)), ref squares, ref squaresLost);
        }

        return (squares + squaresLost) / count;
    }
}

/// <summary>stddev_over_time.</summary>
internal readonly struct DeviationWindow : IFloatWindow
{
    public static double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values) => Math.Sqrt(VarianceWindow.Apply(times, values));
}

/// <summary>mad_over_time: median of the distances from the median.</summary>
internal readonly struct MedianDeviationWindow : IFloatWindow
{
    public static double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var sorted = System.Buffers.ArrayPool<double>.Shared.Rent(values.Length);
        var work = sorted.AsSpan(0, values.Length);
        values.CopyTo(work);
        var median = Quantiles.OfUnsorted(0.5, work);
        if (double.IsNaN(work[0]))
        {
            // Sorting put it first.
            System.Buffers.ArrayPool<double>.Shared.Return(sorted);
            return double.NaN;
        }

        for (var i = 0; i < work.Length; i++)
        {
            work[i] = Math.Abs(work[i] - median);
        }

        var result = Quantiles.OfUnsorted(0.5, work);
        System.Buffers.ArrayPool<double>.Shared.Return(sorted);
        return result;
    }
}
