using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Scenarios;

/// <summary>One thing that happens to a cluster under load, with what has to hold meanwhile and afterwards.</summary>
/// <param name="Name">Short name, for tests and reports.</param>
/// <param name="Story">What happens, as a sentence.</param>
/// <param name="Body">Carries it out.</param>
internal sealed record Scenario(string Name, string Story, Func<ScenarioRun, Task> Body)
{
    /// <summary>Nodes at the start, over three zones.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>A real Prometheus writes beside the senders, through the proxy, and tries again where it must.</summary>
    public bool WithPrometheus { get; init; } = true;

    /// <summary>Senders and questions go through a proxy in front of the cluster, try once, and must never fail.</summary>
    public bool ThroughProxy { get; init; }

    /// <summary>A dead node keeps its place for so long (<c>placement.replace_after</c>); null: as long as the times of the run say.</summary>
    public TimeSpan? ReplaceAfter { get; init; }

    /// <summary>The load.</summary>
    public LoadOptions Load { get; init; } = new();
}
