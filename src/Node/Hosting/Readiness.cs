namespace Deucalion.Node.Hosting;

/// <summary>Where the node is in its life: answers of the readiness paths follow from it. Thread-safe.</summary>
internal sealed class Readiness
{
    private volatile string _reason = "the node is starting";

    /// <summary>Why requests cannot be served now, or null when they can.</summary>
    public string? NotReadyBecause => _reason.Length == 0 ? null : _reason;

    /// <summary>Requests are served from now on.</summary>
    public void Ready() => _reason = string.Empty;

    /// <summary>Requests are no longer served.</summary>
    public void Stopping()
    {
        IsStopping = true;
        _reason = "the node is stopping";
    }

    /// <summary>Whether the node is on its way down.</summary>
    public bool IsStopping { get; private set; }
}
