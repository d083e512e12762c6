using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Plan;

/// <summary>
/// Replaces what depends on the query's bounds and step by plain numbers: <c>@ start()</c>, and the scalar functions start, end,
/// range and step. Duration expressions are resolved before.
/// </summary>
internal sealed class QueryResolver(QueryTimes times)
{
    public Expr Resolve(Expr expr) => expr switch
    {
        ParenExpr e => e with { Inner = Resolve(e.Inner) },
        UnaryExpr e => e with { Inner = Resolve(e.Inner) },
        BinaryExpr e => e with { Left = Resolve(e.Left), Right = Resolve(e.Right) },
        AggregateExpr e => e with { Inner = Resolve(e.Inner), Parameter = e.Parameter is null ? null : Resolve(e.Parameter) },
        VectorSelector e => e with { Modifiers = Resolve(e.Modifiers) },
        MatrixSelector e => e with { Selector = (VectorSelector)Resolve(e.Selector) },
        SubqueryExpr e => e with { Inner = Resolve(e.Inner), Modifiers = Resolve(e.Modifiers) },
        CallExpr e => ResolveCall(e),
        _ => expr,
    };

    private Expr ResolveCall(CallExpr call)
    {
        double? constant = call.Function.Name switch
        {
            "start" => times.StartMs / 1000.0,
            "end" => times.EndMs / 1000.0,
            "range" => (times.EndMs - times.StartMs) / 1000.0,
            "step" => times.StepMs / 1000.0,
            _ => null,
        };
        if (constant is { } value)
        {
            return new NumberLiteral(value, false) { Position = call.Position };
        }

        var arguments = new Expr[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Resolve(call.Arguments[i]);
        }

        return call with { Arguments = arguments };
    }

    private TimeModifiers Resolve(TimeModifiers modifiers) => modifiers with
    {
        At = modifiers.At == AtKind.None ? AtKind.None : AtKind.Timestamp,
        AtTimestamp = modifiers.At switch
        {
            AtKind.Start => times.StartMs,
            AtKind.End => times.EndMs,
            _ => modifiers.AtTimestamp,
        },
    };
}
