using Deucalion.Common.Labels;

namespace Deucalion.Ruler.Alerts;

/// <summary>State of an alert.</summary>
public enum AlertState
{
    /// <summary>It no longer holds.</summary>
    Inactive,

    /// <summary>It holds, but not yet long enough.</summary>
    Pending,

    /// <summary>It has held long enough.</summary>
    Firing,
}

/// <summary>One alert of a rule; times are Unix milliseconds.</summary>
public sealed class Alert
{
    /// <summary>Its labels, the name of the alert included.</summary>
    public required Labels Labels { get; init; }

    /// <summary>Its annotations, expanded.</summary>
    public Labels Annotations { get; internal set; } = Labels.Empty;

    /// <summary>State at the last evaluation.</summary>
    public AlertState State { get; internal set; }

    /// <summary>The value that made it hold.</summary>
    public double Value { get; internal set; }

    /// <summary>Since when it holds.</summary>
    public long ActiveAt { get; internal set; }

    /// <summary>Since when it fires, or null.</summary>
    public long? FiredAt { get; internal set; }

    /// <summary>When it ceased, or null.</summary>
    public long? ResolvedAt { get; internal set; }

    /// <summary>Since when it fires only because of <c>keep_firing_for</c>, or null.</summary>
    public long? KeepFiringSince { get; internal set; }
}
