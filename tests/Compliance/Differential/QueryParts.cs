using Deucalion.PromQL.Ast;

namespace Deucalion.Compliance.Differential;

/// <summary>Looks into queries.</summary>
public static class QueryParts
{
    /// <summary>All parts of an expression, each with whether it is evaluated at several times.</summary>
    public static IEnumerable<(Expr Part, bool SeveralTimes)> Of(Expr expr, bool severalTimes)
    {
        // What is fixed by @ is evaluated once.
        severalTimes &= !IsFixed(expr);
        IEnumerable<(Expr, bool)> inner = expr switch
        {
            ParenExpr e => Of(e.Inner, severalTimes),
            UnaryExpr e => Of(e.Inner, severalTimes),
            BinaryExpr e => Of(e.Left, severalTimes).Concat(Of(e.Right, severalTimes)),
            AggregateExpr e => Of(e.Inner, severalTimes).Concat(e.Parameter is null ? [] : Of(e.Parameter, severalTimes)),
            CallExpr e => e.Arguments.SelectMany(a => Of(a, severalTimes)),
            SubqueryExpr e => Of(e.Inner, severalTimes: true),
            MatrixSelector e => [(e.Selector, severalTimes)],
            _ => [],
        };
        return inner.Prepend((expr, severalTimes));
    }

    /// <summary>
    /// Whether the series of a part have an order: at several times Prometheus collects those of functions, operators and choices of
    /// elements in a map, whose order is random; those of classic histograms and counted values always.
    /// </summary>
    public static bool HasOrder(Expr expr, bool severalTimes) => expr switch
    {
        ParenExpr e => HasOrder(e.Inner, severalTimes),
        UnaryExpr e => HasOrder(e.Inner, severalTimes),
        VectorSelector or MatrixSelector => true,
        SubqueryExpr e => HasOrder(e.Inner, severalTimes: true),
        AggregateExpr { Op: AggregateOp.CountValues } => false,
        AggregateExpr e => !(severalTimes && IsPick(e)) && HasOrder(e.Inner, severalTimes),
        CallExpr { Function.Name: "histogram_quantile" or "histogram_fraction" or "info" } => false,
        CallExpr { Function.Name: "label_replace" or "label_join" } e => HasOrder(e.Arguments[0], severalTimes),
        CallExpr e when e.Arguments.FirstOrDefault(static a => a.Type == PromQL.Ast.ValueType.Matrix) is { } range => HasOrder(range, severalTimes),
        CallExpr e => !severalTimes && e.Arguments.All(a => a is StringLiteral || HasOrder(a, severalTimes)),
        BinaryExpr e => !severalTimes && HasOrder(e.Left, severalTimes) && HasOrder(e.Right, severalTimes),
        _ => true,
    };

    /// <summary>Whether the order of the series at several times, if it were as at one time, would be another at each of them.</summary>
    public static bool OrdersByStep(Expr expr) => Of(expr, false).Any(static p =>
        p.Part is AggregateExpr e && (IsPick(e) || e.Op == AggregateOp.CountValues)
        || p.Part is CallExpr { Function.Name: "sort" or "sort_desc" or "sort_by_label" or "sort_by_label_desc" or "histogram_quantile" or "histogram_fraction" or "info" });

    /// <summary>Whether an aggregation yields some of its elements.</summary>
    public static bool IsPick(AggregateExpr e) => e.Op is AggregateOp.TopK or AggregateOp.BottomK or AggregateOp.LimitK or AggregateOp.LimitRatio;

    /// <summary>Whether a part looks at its series in their order, and they have none.</summary>
    public static bool DependsOnOrder(Expr expr, bool severalTimes, Func<Expr, IEnumerable<Expr>> operands) =>
        Of(expr, severalTimes).Any(p => operands(p.Part).Any(o => !HasOrder(o, p.SeveralTimes)));

    private static bool IsFixed(Expr expr) => expr switch
    {
        VectorSelector e => e.Modifiers.At != AtKind.None,
        MatrixSelector e => IsFixed(e.Selector),
        SubqueryExpr e => e.Modifiers.At != AtKind.None,
        ParenExpr e => IsFixed(e.Inner),
        UnaryExpr e => IsFixed(e.Inner),
        AggregateExpr e => IsFixed(e.Inner),
        BinaryExpr e => IsFixed(e.Left) && IsFixed(e.Right),
        NumberLiteral or StringLiteral => true,
        CallExpr e => e.Function.Name is not ("time" or "timestamp" or "predict_linear" or "minute" or "hour" or "month" or "year"
                or "day_of_week" or "day_of_month" or "day_of_year" or "days_in_month")
            && e.Arguments.All(IsFixed),
        _ => false,
    };
}
