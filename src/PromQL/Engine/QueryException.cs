namespace Deucalion.PromQL.Engine;

/// <summary>Class of a query error; the API maps it to <c>errorType</c> and status.</summary>
public enum QueryErrorKind
{
    /// <summary>The query or a parameter is not valid.</summary>
    BadData,

    /// <summary>The evaluation failed.</summary>
    Execution,

    /// <summary>The run time was used up.</summary>
    Timeout,

    /// <summary>The caller went away.</summary>
    Canceled,

    /// <summary>The data could not be read.</summary>
    Internal,
}

/// <summary>What a query wanted more of than it may have.</summary>
public enum QueryResource
{
    /// <summary>Samples held at a time.</summary>
    Samples,

    /// <summary>Bytes held at a time.</summary>
    Bytes,
}

/// <summary>A query failed; the message is Prometheus's text.</summary>
public sealed class QueryException(QueryErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Class of the error.</summary>
    public QueryErrorKind Kind { get; } = kind;

    /// <summary>What ran out, or null.</summary>
    public QueryResource? Exhausted { get; init; }

    internal static QueryException Execution(string message) => new(QueryErrorKind.Execution, message);

    internal static QueryException SameLabelset() => Execution("vector cannot contain metrics with the same labelset");
}
