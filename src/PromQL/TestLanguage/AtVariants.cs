using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Plan;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Rewrites an expression so that every selector is fixed at one time: its value then must not depend on the evaluation time.</summary>
internal static class AtVariants
{
    /// <summary>Whether a function in it looks at the evaluation time itself.</summary>
    public static bool IsUnsafe(Expr expr) => expr switch
    {
        CallExpr e => StepInvariance.DependsOnTime(e.Function.Name) || AnyUnsafe(e.Arguments),
        ParenExpr e => IsUnsafe(e.Inner),
        UnaryExpr e => IsUnsafe(e.Inner),
        SubqueryExpr e => IsUnsafe(e.Inner),
        AggregateExpr e => IsUnsafe(e.Inner) || (e.Parameter is not null && IsUnsafe(e.Parameter)),
        BinaryExpr e => IsUnsafe(e.Left) || IsUnsafe(e.Right),
        _ => false,
    };

    /// <summary>The expression with <c>@ time</c> wherever there is no such modifier; a subquery fixes all inside it.</summary>
    public static Expr Fix(Expr expr, long time) => expr switch
    {
        CallExpr e => e with { Arguments = FixAll(e.Arguments, time) },
        ParenExpr e => e with { Inner = Fix(e.Inner, time) },
        UnaryExpr e => e with { Inner = Fix(e.Inner, time) },
        AggregateExpr e => e with { Inner = Fix(e.Inner, time), Parameter = e.Parameter is null ? null : Fix(e.Parameter, time) },
        BinaryExpr e => e with { Left = Fix(e.Left, time), Right = Fix(e.Right, time) },
        VectorSelector e => e with { Modifiers = Fix(e.Modifiers, time) },
        MatrixSelector e => e with { Selector = e.Selector with { Modifiers = Fix(e.Selector.Modifiers, time) } },
        SubqueryExpr e => e with { Modifiers = Fix(e.Modifiers, time) },
        _ => expr,
    };

    private static TimeModifiers Fix(TimeModifiers modifiers, long time) =>
        modifiers.At == AtKind.None ? modifiers with { At = AtKind.Timestamp, AtTimestamp = time } : modifiers;

    private static Expr[] FixAll(IReadOnlyList<Expr> arguments, long time)
    {
        var all = new Expr[arguments.Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = Fix(arguments[i], time);
        }

        return all;
    }

    private static bool AnyUnsafe(IReadOnlyList<Expr> arguments)
    {
        foreach (var argument in arguments)
        {
            if (IsUnsafe(argument))
            {
                return true;
            }
        }

        return false;
    }
}
