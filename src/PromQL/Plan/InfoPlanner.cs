using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Info;
using Deucalion.PromQL.Operators.Selectors;

namespace Deucalion.PromQL.Plan;

/// <summary>Plans info(): the info series are looked up at the time that the first selector of the argument looks at.</summary>
internal static class InfoPlanner
{
    public static VectorOperator Plan(Planner planner, CallExpr call, StepGrid grid)
    {
        var matchers = new InfoMatchers(call.Arguments.Count > 1 ? ((VectorSelector)StepInvariance.Unwrap(call.Arguments[1])).Matchers : []);
        var selector = new VectorSelector
        {
            Name = string.Empty,
            Matchers = matchers.All,
            Modifiers = FirstSelector(call.Arguments[0])?.Modifiers ?? TimeModifiers.None,
        };
        return new InfoOperator(
            planner.Vector(call.Arguments[0], grid),
            planner.Selector(selector, grid, SelectedValue.Value, "info"),
            planner.Selector(selector, grid, SelectedValue.Time, "info"),
            matchers);
    }

    private static VectorSelector? FirstSelector(Expr expr) => expr switch
    {
        VectorSelector e => e,
        MatrixSelector e => e.Selector,
        ParenExpr e => FirstSelector(e.Inner),
        UnaryExpr e => FirstSelector(e.Inner),
        SubqueryExpr e => FirstSelector(e.Inner),
        AggregateExpr e => FirstSelector(e.Inner),
        BinaryExpr e => FirstSelector(e.Left) ?? FirstSelector(e.Right),
        CallExpr e => FirstOf(e.Arguments),
        _ => null,
    };

    private static VectorSelector? FirstOf(IReadOnlyList<Expr> arguments)
    {
        foreach (var argument in arguments)
        {
            if (FirstSelector(argument) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
