using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>The k of topk, bottomk and limitk.</summary>
internal static class RankLimit
{
    /// <summary>Refuses what is no count at any step, unless no step asks for an element at all.</summary>
    public static void Check(ReadOnlySpan<double> limits)
    {
        var (lowest, highest) = (double.PositiveInfinity, double.NegativeInfinity);
        var sawNaN = false;
        foreach (var limit in limits)
        {
            lowest = Extremes.Min(lowest, limit);
            highest = Extremes.Max(highest, limit);
            sawNaN |= double.IsNaN(limit);
        }

        if (highest < 1)
        {
            return;
        }

        if (sawNaN)
        {
            throw QueryException.Execution("Parameter value is NaN");
        }

        if (lowest <= -9223372036854775808.0)
        {
            throw QueryException.Execution($"Scalar value {GoFloat.FormatGeneral(lowest)} underflows int64");
        }

        if (highest >= 9223372036854775807.0)
        {
            throw QueryException.Execution($"Scalar value {GoFloat.FormatGeneral(highest)} overflows int64");
        }
    }

    /// <summary>The number as an integer, cut towards zero.</summary>
    public static long Of(double limit) => (long)limit;
}
