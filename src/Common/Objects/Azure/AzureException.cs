using System.Net;

namespace Deucalion.Common.Objects.Azure;

/// <summary>The service answered with a failure.</summary>
internal sealed class AzureException(HttpStatusCode status, string code, string message, string requestId) : Exception(message)
{
    /// <summary>Status of the answer.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>Azure's name of the failure; empty where none was told.</summary>
    public string Code { get; } = code;

    /// <summary>Azure's name of the request; empty where none was told.</summary>
    public string RequestId { get; } = requestId;

    /// <summary>How far the clock of this machine is ahead of the service's, where that was told.</summary>
    public TimeSpan? Skew { get; init; }

    /// <summary>Whether the service says that there is no such object; a missing container is not meant.</summary>
    public bool IsMissing => Status == HttpStatusCode.NotFound && Code is not ("ContainerNotFound" or "ContainerBeingDeleted" or "ResourceTypeMismatch");

    /// <summary>Whether the service says that the condition of a write does not hold: another revision (412), there already (409), or gone (404).</summary>
    public bool IsRefusal => Status == HttpStatusCode.PreconditionFailed || (Status == HttpStatusCode.Conflict && Code == "BlobAlreadyExists") || IsMissing;
}
