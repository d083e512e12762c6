using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>The k of topk, bottomk and limitk.</summary>
internal static class RankLimit
{
    /// <summary>The number as an integer, cut towards zero.</summary>
    public static long Check(double k)
    {
        if (double.IsNaN(k))
        {
            throw QueryException.Execution("Parameter value is NaN");
        }

        if (k >= 9223372036854775807.0)
        {
            throw QueryException.Execution($"Scalar value {GoFloat.FormatGeneral(k)} overflows int64");
        }

        return k <= -9223372036854775808.0
            ? throw QueryException.Execution($"Scalar value {GoFloat.FormatGeneral(k)} underflows int64")
            : (long)k;
    }
}
