using Deucalion.Cluster.Stores;

namespace Deucalion.Cluster.Nodes;

/// <summary>What a cluster of real processes is made of.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Nodes at the start, spread over <see cref="Zones"/> in turn.</summary>
    public int Nodes { get; init; } = 3;

    public int Zones { get; init; } = 3;

    /// <summary>What the nodes agree through; null is a single node without any key of a cluster.</summary>
    public StoreKind? Store { get; init; } = StoreKind.Bucket;

    /// <summary>Whether the first node starts as one that is alone, with no key of a cluster but the bucket; see <see cref="ClusterNode.IsAlone"/>.</summary>
    public bool FirstIsAlone { get; init; }

    /// <summary>Program of the nodes that are there at the start; null: the one under test.</summary>
    public string? Program { get; init; }

    /// <summary>Further keys of every node's configuration.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Keys that a node alone has, by its name.</summary>
    public Func<string, IReadOnlyDictionary<string, string>> NodeSettings { get; init; } = static _ => new Dictionary<string, string>();

    public static string ZoneName(int index) => $"zone-{(char)('a' + index)}";
}
