using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Binary;

namespace Deucalion.PromQL.Plan;

/// <summary>Computes scalar expressions of numbers alone before the query runs.</summary>
internal static class ConstantFolding
{
    public static bool TryFold(Expr expr, out double value)
    {
        switch (expr)
        {
            case NumberLiteral e:
                value = e.Value;
                return true;
            case ParenExpr e:
                return TryFold(e.Inner, out value);
            case UnaryExpr e when TryFold(e.Inner, out var inner):
                value = e.IsMinus ? -inner : inner;
                return true;
            case BinaryExpr e when TryFold(e.Left, out var left) && TryFold(e.Right, out var right):
                value = 0;
                BinaryKernel.For(e.Op)!.Apply([left], [right], new Span<double>(ref value), BinaryResult.ZeroOrOne);
                return true;
            case CallExpr { Function.Name: "pi" }:
                value = Math.PI;
                return true;
            default:
                value = 0;
                return false;
        }
    }
}
