namespace Deucalion.PromQL.Functions.Rates;

/// <summary>How much longer than the sampled interval the increase is taken to have gone on, towards the window's edges.</summary>
internal static class Extrapolation
{
    /// <param name="first">Time of the first sample, ms.</param>
    /// <param name="last">Time of the last sample, ms.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="rangeStart">Start of the window, ms.</param>
    /// <param name="rangeEnd">End of the window, ms.</param>
    /// <param name="firstValue">First value where the function is of a counter, else NaN.</param>
    /// <param name="increase">Increase between the samples.</param>
    /// <param name="zeroAt">Time before the first sample at which the counter is known to have been zero, or 0.</param>
    public static double Factor(long first, long last, int count, long rangeStart, long rangeEnd, double firstValue, double increase, long zeroAt)
    {
        var average = (last - first) / 1000.0 / (count - 1);
        if (count == 1)
        {
            average = 0;
        }

        var threshold = average * 1.1;
        double toStart;
        double sampled;
        if (zeroAt != 0)
        {
            toStart = 0;
            sampled = (last - zeroAt) / 1000.0;
        }
        else
        {
            sampled = (last - first) / 1000.0;
            toStart = ToStart(first, rangeStart, average, threshold, firstValue, increase, sampled);
        }

        var toEnd = (rangeEnd - last) / 1000.0;
        if (toEnd >= threshold)
        {
            toEnd = average / 2;
        }

        return sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled;
    }

    private static double ToStart(long first, long rangeStart, double average, double threshold, double firstValue, double increase, double sampled)
    {
        var toStart = (first - rangeStart) / 1000.0;
        if (toStart >= threshold)
        {
            toStart = average / 2;
        }

        // A counter is not negative: it cannot have grown for longer than from zero. The comparison fails for NaN, a gauge.
        if (increase > 0 && firstValue >= 0)
        {
            var toZero = sampled * (firstValue / increase);
            if (toZero < toStart)
            {
                toStart = toZero;
            }
        }

        return toStart;
    }
}
