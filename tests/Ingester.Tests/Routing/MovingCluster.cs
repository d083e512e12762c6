using System.Collections.Immutable;
using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Remote;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;

namespace Deucalion.Ingester.Tests.Routing;

/// <summary>
/// Three nodes and four partitions, all of which the view says are at one node. A test moves <see cref="Moved"/> to another one, and the view need not
/// know. Answers at once, on the caller's thread.
/// </summary>
internal sealed class MovingCluster : IClusterViews, IPartitionAppends, IRemoteAppends
{
    public const string Self = "0000000000000000000000000000000a";
    public const string Former = "0000000000000000000000000000000b";
    public const string Third = "0000000000000000000000000000000c";
    public static readonly PartitionId Moved = new(2);
    public static readonly AppendResult Stored = new(new StoredCounts(1, 0, 0), null);

    private ImmutableDictionary<PartitionId, PartitionEntry> _entries =
        Enumerable.Range(0, 4).ToImmutableDictionary(static id => new PartitionId(id), static _ => EntryOf(Former, 1));

    private readonly List<AppendRequest> _held = [];
    private string? _withoutLease;
    private long _readAt;

    public MovingCluster(long readAt)
    {
        _readAt = readAt;
        Current = View();
    }

    public ClusterView Current { get; private set; }

    /// <summary>The node that leads <see cref="Moved"/>.</summary>
    public string Leader { get; set; } = Former;

    /// <summary>What another node answers for a partition that it does not lead.</summary>
    public RemoteAppendOutcome Elsewhere { get; set; } = new RemoteAppendOutcome.NotPrimary(null);

    /// <summary>Whether this node keeps appends to <see cref="Moved"/> waiting until nobody waits for them any more.</summary>
    public bool Holds { get; set; }

    /// <summary>Called by a reading of the store: may change the view, or throw.</summary>
    public Action Store { get; set; } = static () => { };

    /// <summary>A reading of the store ends no sooner than this.</summary>
    public Task StoreAnswers { get; set; } = Task.CompletedTask;

    public List<(string Node, PartitionId Partition, long Deadline)> Asked { get; } = [];

    public List<(PartitionId Partition, PartitionEntry Entry)> Learnt { get; } = [];

    public int Refreshes { get; private set; }

    public static PartitionEntry EntryOf(string primary, long version) => new()
    {
        Term = version,
        Version = version,
        ReplicationFactor = 1,
        MinInSync = 1,
        Primary = primary,
        InSync = [new ReplicaRef(primary, primary)],
        Learners = [],
        WriterId = "1",
        Counter = version,
    };

    /// <summary>The view says that node to have no lease.</summary>
    public void LoseLease(string node)
    {
        _withoutLease = node;
        Current = View();
    }

    /// <summary>The view is as old as that.</summary>
    public void SeeAsOf(long readAt)
    {
        _readAt = readAt;
        Current = View();
    }

    /// <summary>The view has that entry from now on.</summary>
    public void Tell(PartitionId partition, PartitionEntry entry)
    {
        _entries = _entries.SetItem(partition, entry);
        Current = View();
    }

    public void Subscribe(Action<ClusterView> changed) => changed(Current);

    public async Task<ClusterView> RefreshAsync(CancellationToken cancellationToken)
    {
        Refreshes++;
        await StoreAnswers.WaitAsync(cancellationToken);
        Store();
        return Current;
    }

    public void Learned(PartitionId partition, PartitionEntry entry)
    {
        Learnt.Add((partition, entry));
        Tell(partition, entry);
    }

    public void Append(PartitionId partition, AppendRequest request)
    {
        Asked.Add((Self, partition, request.Deadline));
        if (Holds && partition == Moved)
        {
            _held.Add(request);
            return;
        }

        request.Complete(LeaderOf(partition) == Self ? Stored : new AppendResult(default, "it is elsewhere", MayMove: true));
    }

    /// <summary>Sends back what was held for too long.</summary>
    public void Expire(long now) => _held.RemoveAll(request => request.TryExpire(now, "it is being opened"));

    public Task<RemoteAppendOutcome> AppendAsync(
        string address, string nodeId, PartitionId partition, AppendRequest request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        Asked.Add((nodeId, partition, request.Deadline));
        return Task.FromResult(LeaderOf(partition) == nodeId ? new RemoteAppendOutcome.Answered(Stored) : Elsewhere);
    }

    private static NodeRecord Node(string id) => new(id, "127.0.0.1:1", "127.0.0.1:2", "z", [NodeRecord.Ingester], NodeState.Active, 1, "0.3.0");

    private string LeaderOf(PartitionId partition) => partition == Moved ? Leader : Former;

    private ClusterView View()
    {
        var nodes = new[] { Node(Self), Node(Former), Node(Third) }.ToLookup(node => node.Id != _withoutLease);
        return new ClusterView(1, [.. nodes[true]], _entries, Self, DateTimeOffset.UnixEpoch, _readAt, nodes[false]);
    }
}
