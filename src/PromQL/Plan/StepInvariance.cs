using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Plan;

/// <summary>Finds expressions that have the same value at every step, since all their selectors are fixed by <c>@</c>.</summary>
internal static class StepInvariance
{
    public static bool Holds(Expr expr) => expr switch
    {
        NumberLiteral or StringLiteral => true,
        ParenExpr e => Holds(e.Inner),
        UnaryExpr e => Holds(e.Inner),
        BinaryExpr e => Holds(e.Left) && Holds(e.Right),
        // As in Prometheus the parameter does not count: at a fixed time it is that of the first step.
        AggregateExpr e => Holds(e.Inner),
        VectorSelector e => e.Modifiers.At != AtKind.None,
        MatrixSelector e => e.Selector.Modifiers.At != AtKind.None,
        SubqueryExpr e => e.Modifiers.At != AtKind.None,
        CallExpr e => HoldsForCall(e),
        _ => false,
    };

    private static bool HoldsForCall(CallExpr call)
    {
        if (DependsOnTime(call.Function.Name))
        {
            // The time of a selector's own sample is fixed with the selector.
            return call.Function.Name == "timestamp" && Unwrap(call.Arguments[0]) is VectorSelector selector && Holds(selector);
        }

        foreach (var argument in call.Arguments)
        {
            if (!Holds(argument))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The expression without parentheses around it.</summary>
    public static Expr Unwrap(Expr expr)
    {
        while (expr is ParenExpr paren)
        {
            expr = paren.Inner;
        }

        return expr;
    }

    /// <summary>Whether a function looks at the evaluation time or the query's bounds itself.</summary>
    public static bool DependsOnTime(string function) => function is "days_in_month" or "day_of_month" or "day_of_week" or "day_of_year"
        or "hour" or "minute" or "month" or "year" or "predict_linear" or "time" or "timestamp" or "start" or "end" or "range" or "step";
}
