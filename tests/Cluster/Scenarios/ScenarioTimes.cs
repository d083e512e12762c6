using Deucalion.Cluster.Stores;

namespace Deucalion.Cluster.Scenarios;

/// <summary>How long faults last and what is allowed. The proof of the judges uses shorter ones.</summary>
internal sealed record ScenarioTimes
{
    /// <summary>Steps that every sender has acknowledged before anything is broken.</summary>
    public long WarmSteps { get; init; } = 50;

    /// <summary>A link is cut, a store away, a disk full, a clock wrong for so long.</summary>
    public TimeSpan FaultLasts { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A node is paused for so long: longer than any lease and any grant.</summary>
    public TimeSpan PauseLasts { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Writes of every sender have to be acknowledged again after so long.</summary>
    public TimeSpan Resume { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Writes may stand still so long where nothing has to be elected or moved.</summary>
    public TimeSpan Hiccup { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every sender has to have nine tenths of what it offers acknowledged after so long.</summary>
    public TimeSpan Goodput { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What goodput is measured over.</summary>
    public TimeSpan GoodputWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Every partition has to be as redundant as wanted after so long.</summary>
    public TimeSpan Redundancy { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Once nothing is written any more, replicas have to be equal and all questions answered after so long.</summary>
    public TimeSpan Agreement { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two questions to one node.</summary>
    public TimeSpan Ask { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks at the state of the cluster.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A dead node keeps its place for so long (<c>placement.replace_after</c>).</summary>
    public TimeSpan ReplaceAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What a cluster over that store has to keep to: etcd ends leases sooner.</summary>
    public static ScenarioTimes For(StoreKind kind) => new() { Resume = TimeSpan.FromSeconds(kind == StoreKind.Etcd ? 15 : 45) };

    /// <summary>The same promises, with faults that last less and a node that is replaced sooner.</summary>
    public ScenarioTimes Shorter() => this with { FaultLasts = TimeSpan.FromSeconds(10), ReplaceAfter = TimeSpan.FromSeconds(20) };
}
