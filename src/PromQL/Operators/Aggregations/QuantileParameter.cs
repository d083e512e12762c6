using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>The parameter of quantile: the extremes over all steps are warned about, with or without data.</summary>
internal sealed class QuantileParameter(ScalarOperator inner, PositionRange position) : ScalarOperator(inner.Grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        inner.Values.CopyTo(Values, 0);
        double highest = 0, lowest = 0;
        var sawNaN = false;
        foreach (var value in Values)
        {
            highest = Math.Max(highest, value);
            lowest = Math.Min(lowest, value);
            sawNaN |= double.IsNaN(value);
        }

        if (sawNaN)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidQuantile(double.NaN), position);
        }

        if (highest > 1)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidQuantile(highest), position);
        }

        if (lowest < 0)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidQuantile(lowest), position);
        }
    }

    public override void Dispose() => inner.Dispose();
}
