using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>and, or, unless: elements stay as they are, by whether the other side has one with the same matching labels.</summary>
internal sealed class SetOperator : VectorOperator
{
    private readonly BinaryOp _op;
    private readonly VectorOperator _left;
    private readonly VectorOperator _right;
    private readonly LabelSelection _selection;
    private GroupPresence? _presence;
    private MaterializedSeries? _keptLeft;

    public SetOperator(BinaryOp op, VectorOperator left, VectorOperator right, LabelSelection selection)
        : base(left.Grid)
    {
        _op = op;
        _left = left;
        _right = right;
        _selection = selection;
    }

    public override int Count => _op == BinaryOp.Or ? _left.Count + _right.Count : _left.Count;

    public override bool NamesUniform => _op != BinaryOp.Or && _left.NamesUniform;

    public override bool Reports => _op == BinaryOp.Or ? _right.Reports : _left.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await _left.OpenAsync(context);
        await _right.OpenAsync(context);
        if (_op == BinaryOp.Or)
        {
            // The left side is needed twice: for what it covers, and as the result.
            _presence = new GroupPresence(_left, _right, _selection, context);
            _keptLeft = MaterializedSeries.From(_left, context);
            _presence.Take(_keptLeft, context);
        }
        else
        {
            _presence = new GroupPresence(_right, _left, _selection, context);
            SeriesDrain.Run(_right, _presence, context);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => IsLeft(index) ? _left.RawLabelsAt(index) : _right.RawLabelsAt(index - _left.Count);

    public override bool DropNameAt(int index) => IsLeft(index) ? _left.DropNameAt(index) : _right.DropNameAt(index - _left.Count);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        if (_op != BinaryOp.Or)
        {
            _left.Evaluate(index, column, worker);
            _presence!.Mask(index, column, keepWhereOther: _op == BinaryOp.And);
        }
        else if (!IsLeft(index))
        {
            _right.Evaluate(index - _left.Count, column, worker);
            _presence!.Mask(index - _left.Count, column, keepWhereOther: false);
        }
        else if (_keptLeft![index] is { } kept)
        {
            column.CopyFrom(kept);
        }
        else
        {
            column.Clear();
        }
    }

    public override void Dispose()
    {
        _keptLeft?.Dispose();
        _left.Dispose();
        _right.Dispose();
    }

    private bool IsLeft(int index) => index < _left.Count;
}
