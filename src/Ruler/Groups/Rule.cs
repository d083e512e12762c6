namespace Deucalion.Ruler.Groups;

/// <summary>A recording or alerting rule as configured.</summary>
public sealed record Rule
{
    /// <summary>Name of the series it records, or of the alert.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is an alerting rule.</summary>
    public required bool IsAlert { get; init; }

    /// <summary>The query.</summary>
    public required string Expression { get; init; }

    /// <summary>How long an alert must hold before it fires, milliseconds.</summary>
    public long For { get; init; }

    /// <summary>How long an alert goes on firing after it has ceased to hold, milliseconds.</summary>
    public long KeepFiringFor { get; init; }

    /// <summary>Labels to set by name, their values templates for an alert. The empty value removes a label.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of an alert, templates, by name.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
