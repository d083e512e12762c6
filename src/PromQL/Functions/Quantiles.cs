namespace Deucalion.PromQL.Functions;

/// <summary>Quantiles of plain numbers.</summary>
internal static class Quantiles
{
    /// <summary>The quantile, interpolated between neighbours; sorts <paramref name="values"/> with NaN smallest.</summary>
    public static double OfUnsorted(double q, Span<double> values)
    {
        if (values.IsEmpty || double.IsNaN(q))
        {
            return double.NaN;
        }

        if (q < 0)
        {
            return double.NegativeInfinity;
        }

        if (q > 1)
        {
            return double.PositiveInfinity;
        }

        // The default order of doubles puts NaN first, as wanted.
        values.Sort();
        var rank = q * (values.Length - 1);
        var low = (int)Math.Max(0, Math.Floor(rank));
        var high = Math.Min(values.Length - 1, low + 1);
        var weight = rank - Math.Floor(rank);
        return (values[low] * (1 - weight)) + (values[high] * weight);
    }
}
