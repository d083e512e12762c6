using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators.Transforms;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>limit_ratio: a share of the elements, chosen by a hash of their labels, so that ratio r and r-1 complement each other.</summary>
internal sealed class LimitRatioOperator(VectorOperator inner, ScalarOperator ratio, PositionRange ratioPosition)
    : MapOperator(inner, keepsName: true, ratio)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await base.OpenAsync(context);
        double highest = 1, lowest = -1;
        foreach (var r in ratio.Values)
        {
            if (double.IsNaN(r))
            {
                throw QueryException.Execution("Ratio value is NaN");
            }

            highest = Math.Max(highest, r);
            lowest = Math.Min(lowest, r);
        }

        if (highest > 1)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidRatio(highest, 1), ratioPosition);
        }

        if (lowest < -1)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidRatio(lowest, -1), ratioPosition);
        }
    }

    protected override void Transform(int index, StepColumn column)
    {
        var hash = HashOf(VisibleLabelsAt(index, Context!));
        for (var s = 0; s < column.Steps; s++)
        {
            if (column.HasPoint(s) && !Keeps(hash, ratio.Values[s]))
            {
                column.ClearStep(s);
            }
        }
    }

    private static bool Keeps(double hash, double r)
    {
        var capped = Math.Clamp(r, -1, 1);
        return capped >= 0 ? hash < capped || (capped == 1) : hash >= 1 + capped;
    }

    private static double HashOf(Labels labels) => XxHash64.Compute(LabelBytes.Of(labels)) / (double)ulong.MaxValue;
}
