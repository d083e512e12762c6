using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Binary;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>
/// Arithmetic and comparison of two vectors, one-to-one or many-to-one. Partners are found once per series; the steps are then
/// computed as columns, pair by pair where the match is simple, else over both sides in memory.
/// </summary>
internal sealed class VectorVectorOperator : VectorOperator
{
    private readonly VectorOperator _left;
    private readonly VectorOperator _right;
    private readonly BinaryExpr _expr;
    private readonly ElementOperation _operation;
    private readonly BinaryNotes _notes;
    private readonly bool _swapped;
    private PairedSeries? _paired;
    private MaterializedSeries? _sharedOne;
    private MatchedSeries? _matched;
    private CancellationToken _cancellation;
    private bool _delayed;

    public VectorVectorOperator(VectorOperator left, VectorOperator right, BinaryExpr expr)
        : base(left.Grid)
    {
        _left = left;
        _right = right;
        _expr = expr;
        _operation = new ElementOperation(expr.Op, expr.ReturnBool ? BinaryResult.ZeroOrOne : BinaryResult.Left);
        _notes = new BinaryNotes(expr.Op, expr.Position, left.Grid.Count);
        _swapped = expr.Matching!.Cardinality == MatchCardinality.OneToMany;
    }

    public override int Count => _paired?.Count ?? _matched!.Count;

    // The many side plays the left part; values are put back in order for the operation.
    private VectorOperator Many => _swapped ? _right : _left;

    private VectorOperator One => _swapped ? _left : _right;

    public override bool Reports => _paired is not null;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        context.Annotations.AddLater(_notes);
        _cancellation = context.CancellationToken;
        _delayed = context.DelayedNameRemoval;
        await _left.OpenAsync(context);
        await _right.OpenAsync(context);
        var matching = _expr.Matching!;
        var selection = matching.On ? LabelSelection.Only(matching.Labels) : LabelSelection.AllBut(matching.Labels);
        var groups = new MatchGroups(Many, One, selection, context);
        _paired = PairedSeries.TryBuild(_expr, Many, One, groups, context);
        if (_paired is not null)
        {
            // A series that many others meet is computed once.
            _sharedOne = matching.Cardinality == MatchCardinality.OneToOne ? null : MaterializedSeries.From(One, context);
            UnmatchedSeries.Evaluate(Many, _paired.UnmatchedMany, context);
            if (_sharedOne is null)
            {
                UnmatchedSeries.Evaluate(One, _paired.UnmatchedOne, context);
            }

            return;
        }

        using var many = MaterializedSeries.From(Many, context);
        using var one = MaterializedSeries.From(One, context);
        var matcher = new VectorMatcher(_expr, _operation, _notes, new MatchSide(Many, many, context), new MatchSide(One, one, context), groups, context);
        _matched = matcher.Match();
    }

    public override SeriesLabels RawLabelsAt(int index) => _paired is null ? _matched!.LabelsAt(index) : _paired.LabelsAt(index);

    // Where names are dropped at once they are gone: a name among the labels was taken from the one side on purpose.
    public override bool DropNameAt(int index) =>
        _delayed && (_paired is null ? _matched!.DropNameAt(index) : Many.DropNameAt(_paired.ManyAt(index)));

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        if (_paired is null)
        {
            column.CopyFrom(_matched!.ColumnAt(index));
        }
        else if (_sharedOne is null)
        {
            var one = worker.RentColumn(Grid.Count);
            One.Evaluate(_paired.OneAt(index), one, worker);
            Pair(index, one, column, worker);
            worker.Return(one);
        }
        else if (_sharedOne[_paired.OneAt(index)] is { } one)
        {
            Pair(index, one, column, worker);
        }
        else
        {
            column.Clear();
        }
    }

    public override void Dispose()
    {
        _sharedOne?.Dispose();
        _left.Dispose();
        _right.Dispose();
    }

    private void Pair(int index, StepColumn one, StepColumn into, Worker worker)
    {
        var many = worker.RentColumn(Grid.Count);
        Many.Evaluate(_paired!.ManyAt(index), many, worker);
        into.Clear();
        var (left, right) = _swapped ? (one, many) : (many, one);
        _operation.Apply(left, right, into, dropOnCollision: true, _notes, _paired.ManyAt(index), _cancellation);
        worker.Return(many);
    }
}
