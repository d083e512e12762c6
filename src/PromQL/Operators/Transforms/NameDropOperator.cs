using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Joins the series that became equal where names are dropped at once.</summary>
internal sealed class NameDropOperator(VectorOperator inner) : MergingOperator(inner)
{
    protected override bool NeedsLabels(QueryContext context) => !context.DelayedNameRemoval && !Inner.NamesUniform;

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context) =>
        (Inner.VisibleLabelsAt(index, context), false);
}
