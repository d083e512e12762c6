using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Ast;

/// <summary>Type of an expression's value.</summary>
public enum ValueType
{
    /// <summary>Nothing: an aggregation's absent parameter.</summary>
    None,

    /// <summary>A number at each step.</summary>
    Scalar,

    /// <summary>At most one sample of each series at each step.</summary>
    Vector,

    /// <summary>A range of samples of each series at each step.</summary>
    Matrix,

    /// <summary>A string.</summary>
    String,
}

/// <summary>Where a node stands in the query text, as 0-based offsets of UTF-16 units; <paramref name="End"/> is exclusive.</summary>
public readonly record struct PositionRange(int Start, int End);

/// <summary>A node of the syntax tree. Immutable once the parser has returned it; rewrites make new nodes.</summary>
public abstract record Expr
{
    /// <summary>Where it stands in the query.</summary>
    public PositionRange Position { get; init; }

    /// <summary>Type of its value.</summary>
    public abstract ValueType Type { get; }
}

/// <summary>A number.</summary>
/// <param name="Value">The number; a duration literal is its seconds.</param>
/// <param name="IsDuration">Whether it was written as a duration.</param>
public sealed record NumberLiteral(double Value, bool IsDuration) : Expr
{
    /// <inheritdoc/>
    public override ValueType Type => ValueType.Scalar;
}

/// <summary>A string.</summary>
public sealed record StringLiteral(string Value) : Expr
{
    /// <inheritdoc/>
    public override ValueType Type => ValueType.String;
}

/// <summary>An expression in parentheses.</summary>
public sealed record ParenExpr(Expr Inner) : Expr
{
    /// <inheritdoc/>
    public override ValueType Type => Inner.Type;
}

/// <summary>Unary plus or minus.</summary>
/// <param name="IsMinus">Minus, else plus.</param>
/// <param name="Inner">The operand.</param>
public sealed record UnaryExpr(bool IsMinus, Expr Inner) : Expr
{
    /// <inheritdoc/>
    public override ValueType Type => Inner.Type;
}

/// <summary>What an <c>@</c> modifier names.</summary>
public enum AtKind
{
    /// <summary>No modifier.</summary>
    None,

    /// <summary>A fixed time.</summary>
    Timestamp,

    /// <summary><c>@ start()</c></summary>
    Start,

    /// <summary><c>@ end()</c></summary>
    End,
}

/// <summary>The modifiers that move a selector or subquery in time.</summary>
public sealed record TimeModifiers
{
    /// <summary>No modifier.</summary>
    public static readonly TimeModifiers None = new();

    /// <summary>The literal offset in milliseconds, or what <see cref="OffsetExpr"/> came to.</summary>
    public long Offset { get; init; }

    /// <summary>The offset as a duration expression, or null.</summary>
    public DurationExpr? OffsetExpr { get; init; }

    /// <summary>Kind of the <c>@</c> modifier.</summary>
    public AtKind At { get; init; }

    /// <summary>Time of <see cref="AtKind.Timestamp"/>, Unix milliseconds.</summary>
    public long AtTimestamp { get; init; }
}

/// <summary>An instant selector.</summary>
public sealed record VectorSelector : Expr
{
    /// <summary>Metric name as written before the braces, or empty; one quoted inside the braces is only in <see cref="Matchers"/>.</summary>
    public required string Name { get; init; }

    /// <summary>All matchers, that of the metric name included, in order of writing (the name last, as Prometheus's parser has it, when it stands before the braces).</summary>
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>Offset and @.</summary>
    public TimeModifiers Modifiers { get; init; } = TimeModifiers.None;

    /// <summary>The <c>anchored</c> modifier.</summary>
    public bool Anchored { get; init; }

    /// <summary>The <c>smoothed</c> modifier.</summary>
    public bool Smoothed { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Vector;
}

/// <summary>A range selector.</summary>
public sealed record MatrixSelector : Expr
{
    /// <summary>The selector, which carries the modifiers.</summary>
    public required VectorSelector Selector { get; init; }

    /// <summary>Literal range in milliseconds, or what <see cref="RangeExpr"/> came to.</summary>
    public long Range { get; init; }

    /// <summary>The range as a duration expression, or null.</summary>
    public DurationExpr? RangeExpr { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Matrix;
}

/// <summary>A subquery.</summary>
public sealed record SubqueryExpr : Expr
{
    /// <summary>What is evaluated.</summary>
    public required Expr Inner { get; init; }

    /// <summary>Literal range in milliseconds, or what <see cref="RangeExpr"/> came to.</summary>
    public long Range { get; init; }

    /// <summary>The range as a duration expression, or null.</summary>
    public DurationExpr? RangeExpr { get; init; }

    /// <summary>Step in milliseconds, 0 for the server's evaluation interval.</summary>
    public long Step { get; init; }

    /// <summary>The step as a duration expression, or null.</summary>
    public DurationExpr? StepExpr { get; init; }

    /// <summary>Offset and @.</summary>
    public TimeModifiers Modifiers { get; init; } = TimeModifiers.None;

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Matrix;
}

/// <summary>A function call.</summary>
public sealed record CallExpr(FunctionSignature Function, IReadOnlyList<Expr> Arguments) : Expr
{
    /// <inheritdoc/>
    public override ValueType Type => Function.ReturnType;
}

/// <summary>Name and types of a function.</summary>
public sealed record FunctionSignature
{
    /// <summary>Name as written in a query.</summary>
    public required string Name { get; init; }

    /// <summary>Types of the arguments; optional and repeated ones as <see cref="Variadic"/> says.</summary>
    public required IReadOnlyList<ValueType> ArgumentTypes { get; init; }

    /// <summary>0: exactly the listed arguments; n &gt; 0: the last may be absent or repeated so that at most n more than the required ones come; -1: the last may be absent or repeated without limit.</summary>
    public int Variadic { get; init; }

    /// <summary>Type of the result.</summary>
    public required ValueType ReturnType { get; init; }

    /// <summary>Whether it needs the experimental switch.</summary>
    public bool Experimental { get; init; }
}
