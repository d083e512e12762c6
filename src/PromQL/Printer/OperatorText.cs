using Deucalion.PromQL.Ast;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Printer;

/// <summary>Spelling of operators, types and modifiers.</summary>
public static class OperatorText
{
    /// <summary>The operator as written in a query.</summary>
    public static string Of(BinaryOp op) => op switch
    {
        BinaryOp.Add => "+",
        BinaryOp.Sub => "-",
        BinaryOp.Mul => "*",
        BinaryOp.Div => "/",
        BinaryOp.Mod => "%",
        BinaryOp.Pow => "^",
        BinaryOp.Atan2 => "atan2",
        BinaryOp.Eql => "==",
        BinaryOp.Neq => "!=",
        BinaryOp.Lss => "<",
        BinaryOp.Lte => "<=",
        BinaryOp.Gtr => ">",
        BinaryOp.Gte => ">=",
        BinaryOp.TrimUpper => "</",
        BinaryOp.TrimLower => ">/",
        BinaryOp.And => "and",
        BinaryOp.Or => "or",
        BinaryOp.Unless => "unless",
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    /// <summary>The aggregation operator as written in a query.</summary>
    public static string Of(AggregateOp op) => op switch
    {
        AggregateOp.Sum => "sum",
        AggregateOp.Avg => "avg",
        AggregateOp.Count => "count",
        AggregateOp.Min => "min",
        AggregateOp.Max => "max",
        AggregateOp.Group => "group",
        AggregateOp.Stddev => "stddev",
        AggregateOp.Stdvar => "stdvar",
        AggregateOp.TopK => "topk",
        AggregateOp.BottomK => "bottomk",
        AggregateOp.CountValues => "count_values",
        AggregateOp.Quantile => "quantile",
        AggregateOp.LimitK => "limitk",
        AggregateOp.LimitRatio => "limit_ratio",
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    /// <summary>The operator or function of a duration expression.</summary>
    public static string Of(DurationOp op) => op switch
    {
        DurationOp.Add => "+",
        DurationOp.Sub => "-",
        DurationOp.Mul => "*",
        DurationOp.Div => "/",
        DurationOp.Mod => "%",
        DurationOp.Pow => "^",
        DurationOp.Step => "step",
        DurationOp.Range => "range",
        DurationOp.Min => "min_of",
        DurationOp.Max => "max_of",
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    /// <summary>Prometheus's name of a type: <c>vector</c>, <c>matrix</c>, <c>scalar</c>, <c>string</c>, <c>none</c>.</summary>
    public static string Of(ValueType type) => type switch
    {
        ValueType.Vector => "vector",
        ValueType.Matrix => "matrix",
        ValueType.Scalar => "scalar",
        ValueType.String => "string",
        _ => "none",
    };

    /// <summary>The type as error messages name it: <c>instant vector</c> and <c>range vector</c>, else as <see cref="Of(ValueType)"/>.</summary>
    public static string Describe(ValueType type) => type switch
    {
        ValueType.Vector => "instant vector",
        ValueType.Matrix => "range vector",
        _ => Of(type),
    };
}
