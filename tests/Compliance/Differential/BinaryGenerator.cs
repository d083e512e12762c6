namespace Deucalion.Compliance.Differential;

/// <summary>Random binary operations with all matching modifiers.</summary>
public sealed class BinaryGenerator(Choice choice, SelectorGenerator selectors, QueryGenerator queries)
{
    public static IReadOnlyList<string> Operators { get; } =
        ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "and", "or", "unless"];

    public static IReadOnlyList<string> WordOperators { get; } = ["atan2", "and", "or", "unless"];

    private static readonly string[] SetOperators = ["and", "or", "unless"];
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    public string Operation(string op, int depth)
    {
        if (SetOperators.Contains(op))
        {
            return SetOperation(op, depth);
        }

        var modifier = Comparisons.Contains(op) && choice.Percent(35) ? " bool" : string.Empty;
        return choice.Below(12) switch
        {
            0 or 1 or 2 => $"{Operand(queries.Vector(depth - 1))} {op}{modifier} {queries.Scalar(1)}",
            3 => $"{queries.Scalar(1)} {op}{modifier} {Operand(queries.Vector(depth - 1))}",
            4 => $"{queries.Scalar(1)} {op}{(Comparisons.Contains(op) ? " bool" : string.Empty)} {queries.Scalar(1)}",
            5 or 6 => $"{Target(depth)} {op}{modifier}{choice.Of(string.Empty, " on (job, instance)", " ignoring (zone)", " on (instance, job, missing)")} {Target(depth)}",
            7 => $"{Many(depth)} {op}{modifier} on (job, instance) group_left{choice.Of(string.Empty, "()", " (version)", " (missing)")} {One(depth)}",
            8 => $"{One(depth)} {op}{modifier} on (job, instance) group_right{choice.Of(string.Empty, " (version)", "(job)")} {Many(depth)}",
            9 => $"{Many(depth)} {op}{modifier} ignoring (code, zone, le, version) group_left {Target(depth)}",
            10 => $"{queries.Aggregation(choice.Of("sum", "avg", "max"), queries.Vector(depth - 1))} {op}{modifier} {queries.Aggregation(choice.Of("sum", "avg", "max"), queries.Vector(depth - 1))}",
            _ => Histograms(op, modifier, depth),
        };
    }

    private string SetOperation(string op, int depth)
    {
        var matching = choice.Of(string.Empty, " on (job)", " on (job, instance)", " ignoring (zone, code)", " on ()", " ignoring (le)");
        return choice.Percent(70)
            ? $"{Operand(selectors.Instant(selectors.Metric()))} {op}{matching} {Operand(selectors.Instant(selectors.Metric()))}"
            : $"{Operand(queries.Vector(depth - 1))} {op}{matching} {Operand(queries.Vector(depth - 1))}";
    }

    private string Histograms(string op, string modifier, int depth) => choice.Below(3) switch
    {
        0 => $"{Operand(queries.Histograms(depth))} {op}{modifier} {queries.Scalar(0)}",
        1 => $"{Operand(queries.Histograms(depth))} {op}{modifier} on (job, instance) {Operand(queries.Histograms(depth))}",
        _ => $"{Target(depth)} {op}{modifier} on (job, instance) {Operand(queries.Histograms(0))}",
    };

    /// <summary>One element for each job and instance.</summary>
    private string Target(int depth) => choice.Below(5) switch
    {
        0 when depth > 0 => $"sum by (job, instance) ({queries.Vector(depth - 1)})",
        1 => $"{choice.Of("rate", "avg_over_time", "max_over_time", "changes")}({selectors.Range(Metric.All[choice.Below(2) + 1])})",
        _ => selectors.FloatTarget(),
    };

    /// <summary>Several elements for each job and instance.</summary>
    private string Many(int depth) => choice.Below(4) switch
    {
        0 => $"rate({selectors.Range(Metric.All[0])})",
        1 when depth > 0 => $"abs({selectors.Instant(Metric.All[5])})",
        _ => selectors.Instant(Metric.All[choice.Of(0, 5, 10)]),
    };

    private string One(int depth) => choice.Percent(50) ? selectors.Instant(Metric.All[9]) : Target(depth);

    private static string Operand(string expression) => expression.Contains(' ', StringComparison.Ordinal) ? QueryGenerator.Grouped(expression) : expression;
}
