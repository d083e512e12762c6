using System.Collections.Immutable;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Membership;

/// <summary>
/// The view of a process that is its whole cluster: the one node is this one, and the table is changed by nobody else. It is read once; after that the store
/// is not asked, and the view is never old.
/// </summary>
internal sealed class AloneViews : IClusterViews, INodeDirectory
{
    private readonly ClusterStoreReader _reader;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly ViewSubscribers _subscribers = new();
    private readonly IReadOnlyList<NodeRecord> _nodes;
    private ImmutableDictionary<PartitionId, PartitionEntry> _entries = ImmutableDictionary<PartitionId, PartitionEntry>.Empty;
    private volatile ClusterView _current;

    /// <summary>The view of a node alone.</summary>
    public AloneViews(NodeRecord self, ClusterStoreReader reader, TimeProvider time)
    {
        _reader = reader;
        _time = time;
        _nodes = [self with { State = NodeState.Active }];
        _current = View(1);
    }

    /// <inheritdoc/>
    public ClusterView Current => _current;

    /// <summary>Reads the table.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (partition, entry) in await _reader.ReadEntriesAsync(cancellationToken))
        {
            Learned(partition, entry);
        }
    }

    /// <inheritdoc/>
    public void Subscribe(Action<ClusterView> changed) => _subscribers.Add(changed, _current);

    /// <inheritdoc/>
    public Task<ClusterView> RefreshAsync(CancellationToken cancellationToken) => Task.FromResult(_current);

    /// <inheritdoc/>
    public void Learned(PartitionId partition, PartitionEntry entry)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(partition, out var known) && known.Version >= entry.Version)
            {
                return;
            }

            _entries = _entries.SetItem(partition, entry);
            _current = View(_current.Version + 1);
        }

        _subscribers.Tell(_current);
    }

    /// <inheritdoc/>
    public string? AddressOf(NodeId node) => ReplicaProtocol.NameOf(node) == _nodes[0].Id ? _nodes[0].Address : null;

    private ClusterView View(long version) => new(version, _nodes, _entries, _nodes[0].Id, _time.GetUtcNow(), long.MaxValue);
}
