using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Binary;
using Deucalion.PromQL.Operators.Transforms;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>A binary operation of each element with a number.</summary>
internal sealed class VectorScalarOperator : MapOperator
{
    private readonly ElementOperation _operation;
    private readonly ScalarOperator _scalar;
    private readonly bool _scalarIsLeft;
    private readonly BinaryNotes _notes;
    private StepColumn? _scalarColumn;

    public VectorScalarOperator(VectorOperator vector, ScalarOperator scalar, bool scalarIsLeft, BinaryExpr expr)
        : base(vector, KeepsName(expr), scalar)
    {
        _scalar = scalar;
        _scalarIsLeft = scalarIsLeft;
        var result = expr.ReturnBool ? BinaryResult.ZeroOrOne : scalarIsLeft ? BinaryResult.Right : BinaryResult.Left;
        _operation = new ElementOperation(expr.Op, result);
        _notes = new BinaryNotes(expr.Op, expr.Position, vector.Grid.Count);
    }

    public override bool Reports => true;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await base.OpenAsync(context);
        context.Annotations.AddLater(_notes);
        _scalarColumn = new StepColumn(Grid.Count);
        _scalar.Values.CopyTo(_scalarColumn.Values);
    }

    protected override void Transform(int index, StepColumn column)
    {
        if (_scalarIsLeft)
        {
            _operation.Apply(_scalarColumn!, column, column, dropOnCollision: false, _notes, index, Context!.CancellationToken);
        }
        else
        {
            _operation.Apply(column, _scalarColumn!, column, dropOnCollision: false, _notes, index, Context!.CancellationToken);
        }
    }

    private static bool KeepsName(BinaryExpr expr) =>
        !expr.ReturnBool && expr.Op is (>= BinaryOp.Eql and <= BinaryOp.Gte) or BinaryOp.TrimUpper or BinaryOp.TrimLower;
}
