using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>min_of and max_of.</summary>
internal sealed class ExtremeScalar(ScalarOperator left, ScalarOperator right, bool isMax) : ScalarOperator(left.Grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await left.OpenAsync(context);
        await right.OpenAsync(context);
        for (var s = 0; s < Values.Length; s++)
        {
            Values[s] = isMax ? Extremes.Max(left.Values[s], right.Values[s]) : Extremes.Min(left.Values[s], right.Values[s]);
        }
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }
}
