using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Joins the series with equal labels of both sides of <c>or</c>.</summary>
internal sealed class UnionOperator(VectorOperator inner) : RelabelOperator(inner)
{
    protected override void Check()
    {
    }

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context) =>
        (Inner.VisibleLabelsAt(index, context), Inner.DropNameAt(index) && context.DelayedNameRemoval);
}
