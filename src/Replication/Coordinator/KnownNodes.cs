using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>The nodes as the coordinator knows them, from leases, records and what they say.</summary>
internal sealed class KnownNodes(CoordinatorOptions options)
{
    private readonly SortedDictionary<UInt128, KnownNode> _nodes = [];
    private long _beganAt = long.MaxValue;

    /// <summary>All nodes, in the order of their ids.</summary>
    public IReadOnlyCollection<KnownNode> All => _nodes.Values;

    public KnownNode? Find(NodeId id) => _nodes.GetValueOrDefault(id.Value);

    public KnownNode? Find(string name) => ReplicaProtocol.TryParse(name, out var id) ? Find(id) : null;

    /// <summary>The leases were read. True: something changed.</summary>
    public bool LeasesRead(IReadOnlyList<LeaseSight> leases, long now)
    {
        var changed = false;
        var alive = new HashSet<UInt128>();
        foreach (var lease in leases)
        {
            if (lease.IsAlive && ReplicaProtocol.TryParse(lease.Name[NodeRecord.KeyPrefix.Length..], out var id))
            {
                alive.Add(id.Value);
                changed |= SetLease(Get(id, now), lease.FencingToken, now);
            }
        }

        foreach (var (id, node) in _nodes)
        {
            changed |= !alive.Contains(id) && SetLease(node, null, now);
        }

        return changed;
    }

    /// <summary>A record was read from the store or written there. True: it is news.</summary>
    public bool RecordRead(NodeRecord record, long now)
    {
        var node = Get(record, now);
        if (node.Record is { } known && (known.Lease > record.Lease || AreEqual(known, record)))
        {
            return false;
        }

        node.Record = record;
        return true;
    }

    public static bool AreEqual(NodeRecord one, NodeRecord other) => one.Serialize().AsSpan().SequenceEqual(other.Serialize());

    /// <summary>A node told its record itself: it knows best who it is, but not in which state others put it. True: it is news.</summary>
    public bool RecordTold(NodeRecord record, long now) =>
        (Get(record, now).Record is not { } known || known.Lease < record.Lease) && RecordRead(record, now);

    /// <summary>An entry names a node: it counts as dead from now on if nothing else is known of it.</summary>
    public void Named(NodeId id, long now) => Get(id, now);

    public void Forget(NodeId id) => _nodes.Remove(id.Value);

    /// <summary>A node that runs has opened its replicas, or not yet, and has room for more or not. True: its room is not what it was.</summary>
    public bool Told(NodeId id, long lease, bool serves, bool isFull)
    {
        if (Find(id) is not { } node || node.Lease != lease)
        {
            return false;
        }

        node.Serves = serves;
        var changed = node.IsFull != isFull;
        node.IsFull = isFull;
        return changed;
    }

    /// <summary>
    /// A node that runs asked for news and is answered; it had not had an answer for so long, or, <paramref name="isAnswered"/> tells, never one of this coordinator.
    /// </summary>
    public void Heard(NodeId id, long lease, long silence, bool isAnswered, long now)
    {
        if (Find(id) is { } node && node.Lease == lease)
        {
            node.HeardAt = now;
            node.Silence = silence;
            node.UnansweredSince = isAnswered ? null : node.UnansweredSince ?? now;
        }
    }

    /// <summary>
    /// Looks who is in touch. Who is not is lost only where the others are: a coordinator that is out of touch with all is cut off itself, and must not take
    /// primaries away from nodes that serve. True: it is not the same for all as before.
    /// </summary>
    public bool Listen(NodeId self, long now)
    {
        _beganAt = Math.Min(_beganAt, now);
        var (others, fresh) = (0, 0);
        foreach (var node in _nodes.Values)
        {
            if (node.IsAlive && node.Id != self)
            {
                others++;
                fresh += now - node.HeardAt <= options.UnheardAfter.TotalMilliseconds / 2 && !IsDeaf(node, now) ? 1 : 0;
            }
        }

        var isCutOff = fresh * 2 < others - 1;
        var changed = false;
        foreach (var node in _nodes.Values)
        {
            var isHeard = isCutOff || IsInTouch(node, now);
            changed |= isHeard != node.IsHeard;
            node.IsHeard = isHeard;
        }

        return changed;
    }

    /// <summary>Whether most of the others that hold leases do not hear this coordinator, or are not heard.</summary>
    public bool IsCutOff(NodeId self, long now)
    {
        var others = 0;
        var inTouch = 0;
        foreach (var node in _nodes.Values)
        {
            if (node.IsAlive && node.Id != self)
            {
                others++;
                inTouch += IsInTouch(node, now) ? 1 : 0;
            }
        }

        return inTouch * 2 < others;
    }

    private bool IsInTouch(KnownNode node, long now) => now - node.HeardAt <= options.UnheardAfter.TotalMilliseconds && !IsDeaf(node, now);

    // What it says arrives here, but no answer there. A coordinator that begins has not answered anybody yet; who has an answer asks again after SyncEvery, and says so.
    private bool IsDeaf(KnownNode node, long now) =>
        (node.Silence > options.CoordinatorPatience.TotalMilliseconds && now - _beganAt > options.MeetWithin.TotalMilliseconds)
        || now - node.UnansweredSince > options.MeetWithin.TotalMilliseconds;

    /// <summary>A node that runs knows the view up to this number.</summary>
    public void Confirmed(NodeId id, long lease, long seq)
    {
        if (Find(id) is { } node && node.Lease == lease)
        {
            node.Knows = Math.Max(node.Knows, seq);
        }
    }

    /// <summary>The nodes as they are shown; those that are alive and were not shown before are from this number on.</summary>
    public IReadOnlyList<NodeSight> Show(long seq)
    {
        var sights = new List<NodeSight>();
        foreach (var node in _nodes.Values)
        {
            if (node.Sight is { } sight)
            {
                sights.Add(sight);
                node.ShownAt ??= node.IsCurrent ? seq : null;
            }
        }

        return sights;
    }

    /// <summary>
    /// Nodes that have opened their replicas, and that every node with a lease knows of, so that a query asked anywhere asks them too: from now on they may
    /// be given something.
    /// </summary>
    public IEnumerable<KnownNode> Ready()
    {
        var known = long.MaxValue;
        foreach (var node in _nodes.Values)
        {
            known = node.IsAlive ? Math.Min(known, node.Knows) : known;
        }

        return _nodes.Values.Where(node => node is { IsCurrent: true, Serves: true, Record.State: NodeState.Joining } && node.ShownAt <= known);
    }

    /// <summary>The nodes as the planner looks at them.</summary>
    public IReadOnlyList<PlannerNode> Picture(long now)
    {
        var picture = new List<PlannerNode>();
        foreach (var node in _nodes.Values)
        {
            var isIngester = node.Record?.IsIngester != false;
            var stands = node is { IsAlive: true, IsHeard: true, IsLeaving: false, IsFull: false } && isIngester && now >= node.StandsDownUntil;
            picture.Add(new PlannerNode
            {
                Id = node.Id,
                Zone = node.Record?.Zone ?? $"\0{node.Name}",
                IsAlive = node.IsAlive,
                Takes = stands && node.IsActive,
                Leads = stands,
                Empties = node.IsLeaving || !isIngester || IsDeadFor(node, options.ReplaceAfter, now),
            });
        }

        return picture;
    }

    /// <summary>Dead nodes that have been listed for long enough.</summary>
    public IEnumerable<KnownNode> Forgettable(long now) =>
        _nodes.Values.Where(node => node.Record is not null && IsDeadFor(node, node.IsLeaving ? options.ReplaceAfter : options.ForgetAfter, now));

    private static bool IsDeadFor(KnownNode node, TimeSpan time, long now) => !node.IsAlive && now - node.Since > time.TotalMilliseconds;

    private bool SetLease(KnownNode node, long? lease, long now)
    {
        if (node.Lease == lease)
        {
            return false;
        }

        if (node.IsAlive != lease is not null)
        {
            node.Since = now;
        }

        // Another process: what the one before knew and was does not count.
        node.Lease = lease;
        node.ShownAt = null;
        node.Knows = 0;
        node.Serves = false;
        node.IsFull = false;
        node.IsHeard = true;
        node.Silence = 0;
        node.UnansweredSince = null;

        // A coordinator that begins, and a node that comes, need a moment to meet.
        node.HeardAt = now - (long)(options.UnheardAfter - options.MeetWithin).TotalMilliseconds;
        node.StandsDownUntil = long.MinValue;
        return true;
    }

    private KnownNode Get(NodeRecord record, long now) =>
        ReplicaProtocol.TryParse(record.Id, out var id) ? Get(id, now) : throw new ArgumentException($"'{record.Id}' is no node", nameof(record));

    private KnownNode Get(NodeId id, long now)
    {
        if (!_nodes.TryGetValue(id.Value, out var node))
        {
            _nodes.Add(id.Value, node = new KnownNode(id) { Since = now });
        }

        return node;
    }
}
