
namespace Deucalion.PromQL.Operators.Ordering;

/// <summary>Puts the elements of a single step in order. Several steps, of a range query or a subquery, have no order of their own.</summary>
internal abstract class OrderOperator(VectorOperator inner) : VectorOperator(inner.Grid)
{
    private readonly List<int> _order = [];
    private MaterializedSeries? _columns;

    public override int Count => _order.Count;

    public override bool NamesUniform => inner.NamesUniform;

    protected VectorOperator Inner => inner;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        _columns = MaterializedSeries.From(inner, context);
        Start(context);
        for (var i = 0; i < _columns.Count; i++)
        {
            context.CheckEvery1024(i);
            if (_columns[i] is { } column && (Grid.Count > 1 || Takes(column)))
            {
                _order.Add(i);
            }
        }

        if (Grid.Count == 1)
        {
            CancellableSort.Sort(_order, (a, b) => Compare(a, _columns[a]!, b, _columns[b]!), context.CancellationToken);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(_order[index]);

    public override bool DropNameAt(int index) => inner.DropNameAt(_order[index]);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        column.CopyFrom(_columns![_order[index]]!);
        Shape(column);
    }

    public override void Dispose()
    {
        _columns?.Dispose();
        inner.Dispose();
    }

    protected abstract void Start(QueryContext context);

    /// <summary>Whether the element of a single step stays.</summary>
    protected virtual bool Takes(StepColumn column) => true;

    /// <summary>Changes the points of several steps as the function would.</summary>
    protected virtual void Shape(StepColumn column)
    {
    }

    protected abstract int Compare(int a, StepColumn columnA, int b, StepColumn columnB);
}
