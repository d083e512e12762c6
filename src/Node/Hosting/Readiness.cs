namespace Deucalion.Node.Hosting;

/// <summary>Where the node is in its life: answers of the readiness paths follow from it. Thread-safe.</summary>
internal sealed class Readiness
{
    private volatile string _reason = "the node is starting";
    private volatile bool _isClosed = true;

    /// <summary>Why requests cannot be served now, or null when they can.</summary>
    public string? NotReadyBecause => _reason.Length == 0 ? null : _reason;

    /// <summary>Why requests are refused now, or null when they are served: a node that is told to stop serves until others had time to notice.</summary>
    public string? ClosedBecause => _isClosed ? NotReadyBecause : null;

    /// <summary>Requests are served from now on.</summary>
    public void Ready()
    {
        _isClosed = false;
        _reason = string.Empty;
    }

    /// <summary>No new requests should come.</summary>
    public void Stopping()
    {
        IsStopping = true;
        _reason = "the node is stopping";
    }

    /// <summary>Requests are no longer served.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Whether the node is on its way down.</summary>
    public bool IsStopping { get; private set; }
}
