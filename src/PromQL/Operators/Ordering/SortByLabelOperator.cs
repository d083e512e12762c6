using Deucalion.Common.Labels;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Ordering;

/// <summary>sort_by_label and sort_by_label_desc: natural order of the listed labels, then of all.</summary>
internal sealed class SortByLabelOperator(VectorOperator inner, string[] labels, bool descending, PositionRange position) : OrderOperator(inner)
{
    private QueryContext? _context;

    protected override void Start(QueryContext context)
    {
        _context = context;
        if (Grid.Count > 1)
        {
            context.Annotations.Warn(AnnotationTexts.SortInRangeQuery, position);
        }
    }

    protected override int Compare(int a, StepColumn columnA, int b, StepColumn columnB)
    {
        var x = Inner.VisibleLabelsAt(a, _context!);
        var y = Inner.VisibleLabelsAt(b, _context!);
        var order = Compare(x, y);
        return descending ? -order : order;
    }

    private int Compare(Labels x, Labels y)
    {
        foreach (var label in labels)
        {
            var order = NaturalOrder.Compare(x.Get(label), y.Get(label));
            if (order != 0)
            {
                return order;
            }
        }

        return x.CompareTo(y);
    }
}
