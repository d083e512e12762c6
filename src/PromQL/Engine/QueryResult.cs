using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.PromQL.Engine;

/// <summary>Type of a query's value.</summary>
public enum ResultType
{
    /// <summary>One point a series at the evaluation time.</summary>
    Vector,

    /// <summary>Points of several times a series.</summary>
    Matrix,

    /// <summary>A number at the evaluation time.</summary>
    Scalar,

    /// <summary>A string at the evaluation time.</summary>
    String,
}

/// <summary>Value of a query, with what there is to say about it.</summary>
public sealed class QueryResult
{
    /// <summary>Type of the value.</summary>
    public required ResultType Type { get; init; }

    /// <summary>Evaluation time of an instant query, start of a range query; Unix milliseconds.</summary>
    public required long Time { get; init; }

    /// <summary>Series of a vector (each with exactly one index) in the engine's order, or of a matrix sorted by labels; each has a point.</summary>
    public IReadOnlyList<ResultSeries> Series { get; init; } = [];

    /// <summary>Value of a scalar.</summary>
    public double Scalar { get; init; }

    /// <summary>Value of a string.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Warnings, those of the language with <c> (line:col)</c>.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Infos with <c> (line:col)</c>.</summary>
    public required IReadOnlyList<string> Infos { get; init; }

    /// <summary>The plan that ran: the operator on top.</summary>
    public required PlanNode Plan { get; init; }

    /// <summary>What the query cost.</summary>
    public required QueryStatistics Statistics { get; init; }
}
