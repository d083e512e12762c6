using System.Collections.Frozen;
using System.Collections.Immutable;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Membership;

/// <summary>Who is in the cluster and what its table of partitions says, as far as this node knows. Immutable; a later one has a larger number.</summary>
public sealed class ClusterView
{
    private readonly FrozenDictionary<string, NodeRecord> _byId;
    private readonly ImmutableDictionary<PartitionId, PartitionEntry> _entries;
    private readonly FrozenDictionary<string, NodeRecord> _withoutLease;

    private ClusterView(ClusterView other, DateTimeOffset readAt, long readTimestamp)
    {
        Version = other.Version;
        Nodes = other.Nodes;
        Coordinator = other.Coordinator;
        Protocol = other.Protocol;
        ReadAt = readAt;
        ReadTimestamp = readTimestamp;
        _byId = other._byId;
        _entries = other._entries;
        _withoutLease = other._withoutLease;
    }

    internal ClusterView(
        long version,
        IReadOnlyList<NodeRecord> nodes,
        ImmutableDictionary<PartitionId, PartitionEntry> entries,
        string? coordinator,
        DateTimeOffset readAt,
        long readTimestamp,
        IEnumerable<NodeRecord>? withoutLease = null)
    {
        Version = version;
        Nodes = nodes;
        Coordinator = coordinator;
        Protocol = ClusterProtocol.InEffect(nodes);
        ReadAt = readAt;
        ReadTimestamp = readTimestamp;
        _byId = nodes.ToFrozenDictionary(static node => node.Id, StringComparer.Ordinal);
        _entries = entries;
        _withoutLease = (withoutLease ?? []).ToFrozenDictionary(static node => node.Id, StringComparer.Ordinal);
    }

    /// <summary>Number of the view in this process.</summary>
    public long Version { get; }

    /// <summary>
    /// The nodes that are alive, by their leases, in the order of their ids. A node that died a moment ago may be among them, but none is missing that was
    /// active at <see cref="ReadAt"/>.
    /// </summary>
    public IReadOnlyList<NodeRecord> Nodes { get; }

    /// <summary>Every partition that has been written to. An entry never goes back to an earlier version from one view to the next.</summary>
    public IEnumerable<(PartitionId Partition, PartitionEntry Entry)> Entries => _entries.Select(static pair => (pair.Key, pair.Value));

    /// <summary>Id of the node that coordinates; null: not known.</summary>
    public string? Coordinator { get; }

    /// <summary>Version of the protocol between nodes that is in effect: what later ones added is neither sent nor written (<see cref="ClusterProtocol"/>).</summary>
    public int Protocol { get; }

    /// <summary>The view tells what was so at this time, or later. For people: clocks may be set. Code asks <see cref="Age"/>.</summary>
    public DateTimeOffset ReadAt { get; }

    /// <summary>The same on the clock that is never set.</summary>
    internal long ReadTimestamp { get; }

    /// <summary>Entry of a partition; null where nobody has made one.</summary>
    public PartitionEntry? EntryOf(PartitionId partition) => _entries.GetValueOrDefault(partition);

    /// <summary>The node of that id, if it is alive.</summary>
    public NodeRecord? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// The node of that id, alive or not, by its last record. One without a lease may be there all the same, cut off from the store alone, and then leads
    /// its partitions on: whoever needs one of those tries it. It counts for nothing else.
    /// </summary>
    public NodeRecord? LastKnown(string id) => Find(id) ?? _withoutLease.GetValueOrDefault(id);

    /// <summary>The nodes without a lease that lead partitions, by their last records.</summary>
    public IReadOnlyList<NodeRecord> PrimariesWithoutLease() => _withoutLease.Count == 0
        ? []
        : [.. _entries.Values.Select(static entry => entry.Primary).Distinct().Select(id => _withoutLease.GetValueOrDefault(id)).OfType<NodeRecord>()];

    /// <summary>How old the view is, at most.</summary>
    public TimeSpan Age(TimeProvider time) => ReadTimestamp == long.MaxValue ? TimeSpan.Zero : time.GetElapsedTime(ReadTimestamp);

    /// <summary>The same view, which was found to be so at a later time.</summary>
    internal ClusterView As(DateTimeOffset readAt, long readTimestamp) => new(this, readAt, readTimestamp);
}
