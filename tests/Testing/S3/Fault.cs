namespace Deucalion.Testing.S3;

/// <summary>What happens to a request on its way through a <see cref="FaultProxy"/>.</summary>
public abstract record Fault
{
    private Fault()
    {
    }

    /// <summary>The store answers with this status and error code, and does nothing.</summary>
    public sealed record Answer(int Status, string Code, string Message = "said by a test") : Fault;

    /// <summary>The store answers with this status, these headers and this body, and does nothing.</summary>
    public sealed record Raw(int Status, string Body, params (string Name, string Value)[] Headers) : Fault;

    /// <summary>The connection is reset before the store sees the request.</summary>
    public sealed record ResetBefore : Fault;

    /// <summary>The store does what is asked, and the connection is reset before its answer.</summary>
    public sealed record ResetAfter : Fault;

    /// <summary>The store does what is asked; of the answer's body half arrives.</summary>
    public sealed record Truncate : Fault;

    /// <summary>No answer comes until the client gives up; the store never sees the request.</summary>
    public sealed record Hang : Fault;

    /// <summary>The store does what is asked, and no answer comes until the client gives up.</summary>
    public sealed record HangAfter : Fault;
}

/// <summary>A request that a <see cref="FaultProxy"/> sees.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Target">Path and query as sent.</param>
/// <param name="Header">Value of a header, or null.</param>
public sealed record ProxiedRequest(string Method, string Target, Func<string, string?> Header)
{
    /// <summary>Whether the request is bound to a condition.</summary>
    public bool IsConditional => Header("If-Match") is not null || Header("If-None-Match") is not null;
}
