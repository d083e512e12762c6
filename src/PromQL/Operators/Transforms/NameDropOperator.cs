using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Joins the series that became equal where names are dropped at once; functions of ranges refuse them.</summary>
internal sealed class NameDropOperator(VectorOperator inner, bool joins = true) : MergingOperator(inner)
{
    protected override bool Joins => joins;

    protected override bool NeedsLabels(QueryContext context) => !context.DelayedNameRemoval && !Inner.NamesUniform;

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context) =>
        (Inner.VisibleLabelsAt(index, context), false);
}
