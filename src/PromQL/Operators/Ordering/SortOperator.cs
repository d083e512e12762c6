using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Ordering;

/// <summary>sort and sort_desc: floats by value, NaN last in both.</summary>
internal sealed class SortOperator(VectorOperator inner, bool descending, PositionRange position) : OrderOperator(inner)
{
    protected override void Start(QueryContext context)
    {
        if (Grid.Count > 1)
        {
            context.Annotations.Warn(AnnotationTexts.SortInRangeQuery, position);
        }
    }

    protected override bool Takes(StepColumn column) => column.HasFloat(0);

    protected override void Shape(StepColumn column) => column.DropHistograms();

    protected override int Compare(int a, StepColumn columnA, int b, StepColumn columnB)
    {
        var x = columnA.Values[0];
        var y = columnB.Values[0];
        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return double.IsNaN(x) == double.IsNaN(y) ? a.CompareTo(b) : double.IsNaN(x) ? 1 : -1;
        }

        var order = descending ? y.CompareTo(x) : x.CompareTo(y);
        return order == 0 ? a.CompareTo(b) : order;
    }
}
