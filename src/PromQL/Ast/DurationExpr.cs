namespace Deucalion.PromQL.Ast;

/// <summary>Operators and functions of duration expressions.</summary>
public enum DurationOp
{
    /// <summary>A number of seconds.</summary>
    Literal,

    /// <summary><c>+</c>, unary where the left side is null</summary>
    Add,

    /// <summary><c>-</c>, unary where the left side is null</summary>
    Sub,

    /// <summary><c>*</c></summary>
    Mul,

    /// <summary><c>/</c></summary>
    Div,

    /// <summary><c>%</c></summary>
    Mod,

    /// <summary><c>^</c></summary>
    Pow,

    /// <summary><c>step()</c></summary>
    Step,

    /// <summary><c>range()</c></summary>
    Range,

    /// <summary><c>min_of(a, b)</c></summary>
    Min,

    /// <summary><c>max_of(a, b)</c></summary>
    Max,
}

/// <summary>An expression in the place of a duration, resolved to milliseconds before the query runs.</summary>
public sealed record DurationExpr
{
    /// <summary>What it does.</summary>
    public required DurationOp Op { get; init; }

    /// <summary>Seconds of a literal.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether the literal was written as a duration.</summary>
    public bool IsDuration { get; init; }

    /// <summary>Left operand, or null.</summary>
    public DurationExpr? Left { get; init; }

    /// <summary>Right operand, or null.</summary>
    public DurationExpr? Right { get; init; }

    /// <summary>Whether it stands in parentheses.</summary>
    public bool Wrapped { get; init; }

    /// <summary>Where it stands in the query.</summary>
    public PositionRange Position { get; init; }
}
