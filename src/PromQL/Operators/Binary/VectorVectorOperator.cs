using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Binary;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>
/// Arithmetic and comparison of two vectors, one-to-one or many-to-one. Partners are found once per series; the steps are then
/// computed as columns.
/// </summary>
internal sealed class VectorVectorOperator : VectorOperator
{
    private readonly VectorOperator _left;
    private readonly VectorOperator _right;
    private readonly BinaryExpr _expr;
    private readonly VectorMatching _matching;
    private MatchedSeries? _matched;

    public VectorVectorOperator(VectorOperator left, VectorOperator right, BinaryExpr expr)
        : base(left.Grid)
    {
        _left = left;
        _right = right;
        _expr = expr;
        _matching = expr.Matching!;
    }

    public override int Count => _matched!.Count;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await _left.OpenAsync(context);
        await _right.OpenAsync(context);
        var selection = _matching.On ? LabelSelection.Only(_matching.Labels) : LabelSelection.AllBut(_matching.Labels);

        // The many side plays the left part from here on; values are put back in order by the element operation.
        var swapped = _matching.Cardinality == MatchCardinality.OneToMany;
        var (many, one) = swapped ? (_right, _left) : (_left, _right);
        var result = _expr.ReturnBool ? BinaryResult.ZeroOrOne : BinaryResult.Left;
        using var manyColumns = MaterializedSeries.From(many, context);
        using var oneColumns = ReferenceEquals(many, one) ? null : MaterializedSeries.From(one, context);
        var matcher = new VectorMatcher(
            _expr,
            new ElementOperation(_expr.Op, result, _expr.Position),
            new MatchSide(many, manyColumns),
            new MatchSide(one, oneColumns ?? manyColumns),
            swapped,
            selection,
            context);
        _matched = matcher.Match();
    }

    public override Labels RawLabelsAt(int index) => _matched!.LabelsAt(index);

    public override bool DropNameAt(int index) => _matched!.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker) => column.CopyFrom(_matched!.ColumnAt(index));

    public override void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }
}
