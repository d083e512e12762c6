namespace Deucalion.PromQL.Ast;

/// <summary>Binary operators.</summary>
public enum BinaryOp
{
    /// <summary><c>+</c></summary>
    Add,

    /// <summary><c>-</c></summary>
    Sub,

    /// <summary><c>*</c></summary>
    Mul,

    /// <summary><c>/</c></summary>
    Div,

    /// <summary><c>%</c></summary>
    Mod,

    /// <summary><c>^</c></summary>
    Pow,

    /// <summary><c>atan2</c></summary>
    Atan2,

    /// <summary><c>==</c></summary>
    Eql,

    /// <summary><c>!=</c></summary>
    Neq,

    /// <summary><c>&lt;</c></summary>
    Lss,

    /// <summary><c>&lt;=</c></summary>
    Lte,

    /// <summary><c>&gt;</c></summary>
    Gtr,

    /// <summary><c>&gt;=</c></summary>
    Gte,

    /// <summary><c>&lt;/</c>: the part of a histogram below a bound</summary>
    TrimUpper,

    /// <summary><c>&gt;/</c>: the part of a histogram above a bound</summary>
    TrimLower,

    /// <summary><c>and</c></summary>
    And,

    /// <summary><c>or</c></summary>
    Or,

    /// <summary><c>unless</c></summary>
    Unless,
}

/// <summary>Aggregation operators.</summary>
public enum AggregateOp
{
    /// <summary><c>sum</c></summary>
    Sum,

    /// <summary><c>avg</c></summary>
    Avg,

    /// <summary><c>count</c></summary>
    Count,

    /// <summary><c>min</c></summary>
    Min,

    /// <summary><c>max</c></summary>
    Max,

    /// <summary><c>group</c></summary>
    Group,

    /// <summary><c>stddev</c></summary>
    Stddev,

    /// <summary><c>stdvar</c></summary>
    Stdvar,

    /// <summary><c>topk</c></summary>
    TopK,

    /// <summary><c>bottomk</c></summary>
    BottomK,

    /// <summary><c>count_values</c></summary>
    CountValues,

    /// <summary><c>quantile</c></summary>
    Quantile,

    /// <summary><c>limitk</c> (experimental)</summary>
    LimitK,

    /// <summary><c>limit_ratio</c> (experimental)</summary>
    LimitRatio,
}

/// <summary>How the two sides of a vector operation relate.</summary>
public enum MatchCardinality
{
    /// <summary>Each element has at most one partner.</summary>
    OneToOne,

    /// <summary><c>group_left</c></summary>
    ManyToOne,

    /// <summary><c>group_right</c></summary>
    OneToMany,

    /// <summary>Set operators.</summary>
    ManyToMany,
}

/// <summary>How vector elements are paired.</summary>
public sealed record VectorMatching
{
    /// <summary>Cardinality.</summary>
    public MatchCardinality Cardinality { get; init; }

    /// <summary>Labels of <c>on</c> or <c>ignoring</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether <see cref="Labels"/> came with <c>on</c>.</summary>
    public bool On { get; init; }

    /// <summary>Labels that <c>group_left</c> or <c>group_right</c> copy from the one side.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Fill for a missing left element, or null.</summary>
    public double? FillLeft { get; init; }

    /// <summary>Fill for a missing right element, or null.</summary>
    public double? FillRight { get; init; }
}

/// <summary>A binary operation.</summary>
public sealed record BinaryExpr : Expr
{
    /// <summary>Operator.</summary>
    public required BinaryOp Op { get; init; }

    /// <summary>Left operand.</summary>
    public required Expr Left { get; init; }

    /// <summary>Right operand.</summary>
    public required Expr Right { get; init; }

    /// <summary>Matching where both sides are vectors, else null.</summary>
    public VectorMatching? Matching { get; init; }

    /// <summary>The <c>bool</c> modifier.</summary>
    public bool ReturnBool { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => Left.Type == ValueType.Scalar && Right.Type == ValueType.Scalar ? ValueType.Scalar : ValueType.Vector;
}

/// <summary>An aggregation.</summary>
public sealed record AggregateExpr : Expr
{
    /// <summary>Operator.</summary>
    public required AggregateOp Op { get; init; }

    /// <summary>What is aggregated.</summary>
    public required Expr Inner { get; init; }

    /// <summary>Parameter of topk, bottomk, quantile, count_values, limitk and limit_ratio, else null.</summary>
    public Expr? Parameter { get; init; }

    /// <summary>Labels of <c>by</c> or <c>without</c>.</summary>
    public IReadOnlyList<string> Grouping { get; init; } = [];

    /// <summary>Whether <see cref="Grouping"/> came with <c>without</c>.</summary>
    public bool Without { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Vector;
}
