using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// What a coordinator knows and decides, without I/O, clock or thread: readings of the store and reports of nodes come in with the time in
/// milliseconds, <see cref="Actions"/> and updates of the view come out.
/// </summary>
internal sealed class CoordinatorState
{
    private const long PlanEvery = 1000;
    private const long PlanAtLatest = 10_000;
    private const long TurnEvery = 30_000;

    private readonly CoordinatorOptions _options;
    private readonly SortedDictionary<PartitionId, KnownPartition> _partitions = [];
    private readonly Dictionary<NodeId, int> _burdens = [];
    private readonly NodeId _self;
    private readonly ulong _writer;
    private readonly long _token;
    private long _seq = 1;
    private long _nodesAt = 1;
    private long _leasesAt = long.MinValue;
    private long _plannedAt = long.MinValue / 2;
    private long _inTouchAt = long.MaxValue;
    private long _beganAt = long.MaxValue;
    private bool _isDirty = true;

    /// <summary>The state of a new coordinator, which knows nothing yet.</summary>
    /// <param name="self">Its node.</param>
    /// <param name="token">Fencing token of its lease.</param>
    /// <param name="writer">Names it in the table; never used before.</param>
    /// <param name="options">Times and limits.</param>
    public CoordinatorState(NodeId self, long token, ulong writer, CoordinatorOptions options)
    {
        _self = self;
        _token = token;
        _writer = writer;
        _options = options;
        Nodes = new KnownNodes(options);
    }

    public KnownNodes Nodes { get; }

    /// <summary>Fencing token of the coordinator's lease.</summary>
    public long Token => _token;

    /// <summary>What is to be done after the last call; whoever does it clears it.</summary>
    public List<CoordinatorAction> Actions { get; } = [];

    /// <summary>Number of the newest view.</summary>
    public long Seq => _seq;

    /// <summary>Whether leases, records and table have been read.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether the leases are to be read as soon as may be.</summary>
    public bool IsInHurry { get; private set; }

    /// <summary>Wanted replicas; null: there is no placement document yet.</summary>
    public PlacementView? Placement { get; private set; }

    public IReadOnlyCollection<KnownPartition> Partitions => _partitions.Values;

    public KnownPartition? Find(PartitionId partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>Whether nothing is changed, for want of a recent look at the leases.</summary>
    public bool IsFrozen(long now) => !IsReady || now - _leasesAt > _options.FreezeAfter.TotalMilliseconds;

    /// <summary>When the leases were last read: before that moment nothing is missing.</summary>
    public long LeasesAt => _leasesAt;

    /// <summary>The leases were read; the reading began at <paramref name="beganAt"/>.</summary>
    public void LeasesRead(IReadOnlyList<LeaseSight> leases, long beganAt, long now)
    {
        _leasesAt = beganAt;
        IsInHurry = false;
        if (Nodes.LeasesRead(leases, now))
        {
            NodesChanged();
        }

        foreach (var node in Nodes.All)
        {
            // Not before all records have been read at once.
            if (IsReady && node is { IsAlive: true, IsCurrent: false })
            {
                Actions.Add(new ReadRecord(node.Name));
            }
        }
    }

    /// <summary>Records, table and placement were read; the reading began at <paramref name="beganAt"/>.</summary>
    public void TableRead(
        IReadOnlyList<NodeRecord> records, IReadOnlyList<(PartitionId Partition, PartitionEntry Entry)> entries, PlacementView? placement, long beganAt, long now)
    {
        IsReady = _leasesAt != long.MinValue;
        PlacementRead(placement);
        foreach (var record in records)
        {
            if (Nodes.Find(record.Id) is not { } node || node.ReadAt < beganAt)
            {
                TakeRecord(record, now);
            }
            else if (node.Record is { } known && !KnownNodes.AreEqual(known, record))
            {
                // It was changed meanwhile: which of the two is the later one only the store knows.
                Actions.Add(new ReadRecord(node.Name));
            }
        }

        foreach (var (partition, entry) in entries)
        {
            EntrySeen(partition, entry, now);
        }
    }

    public void PlacementRead(PlacementView? placement)
    {
        // One that was read before another was written may come after it.
        Placement = placement is null || placement.Version < Placement?.Version ? Placement : placement;
        _isDirty = true;
    }

    /// <summary>A record was read from the store or written there, by itself.</summary>
    public void RecordRead(NodeRecord record, long now)
    {
        TakeRecord(record, now);
        Nodes.Find(record.Id)!.ReadAt = now;
    }

    /// <summary>A node told its record.</summary>
    public void RecordTold(NodeRecord record, long now)
    {
        if (Nodes.RecordTold(record, now))
        {
            NodesChanged();
        }

        // It is new here: whether its lease is there should be known soon.
        IsInHurry |= Nodes.Find(record.Id)?.Lease != record.Lease;
    }

    public void EntrySeen(PartitionId partition, PartitionEntry document, long now)
    {
        if (!_partitions.TryGetValue(partition, out var known))
        {
            known = new KnownPartition(partition, NewCore(), document);
            _partitions.Add(partition, known);
        }

        if (!known.Saw(document, _seq + 1))
        {
            return;
        }

        _seq++;
        _isDirty = true;
        foreach (var replica in known.Entry.InSync.AddRange(known.Entry.Learners))
        {
            Nodes.Named(replica.Node, now);
        }
    }

    /// <summary>A node tells how far replicas are behind the primaries that it has.</summary>
    public void LagsTold(NodeId by, IReadOnlyList<PartitionLags> all, long now)
    {
        foreach (var lags in all)
        {
            if (Find(new PartitionId(lags.Partition)) is { } known && known.Entry.Primary == by && known.Entry.Term == lags.Term)
            {
                known.Told = (lags, now);
            }
        }
    }

    /// <summary>A backup misses its primary, or a primary asks to be replaced.</summary>
    public void Reported(NodeId by, PartitionId partition, long term, bool asksReplacement, long now)
    {
        if (Find(partition) is not { } known || known.Entry.Term < term)
        {
            Actions.Add(new ReadTableEntry(partition));
            return;
        }

        if (asksReplacement)
        {
            known.Core.ReplacementAsked(by, term, now);
        }
        else
        {
            known.Core.PrimaryMissing(by, term, now);
            IsInHurry |= known.Entry.Term == term && Nodes.Find(known.Entry.Primary)?.IsAlive == true;
        }
    }

    /// <summary>
    /// Whether this coordinator has been out of touch with most nodes for so long that another one would do better: those who can reach each other take over
    /// once it gives its lease back.
    /// </summary>
    public bool ShouldAbdicate(long now) =>
        IsReady && now - _inTouchAt > _options.AbdicateAfter.TotalMilliseconds && now - _beganAt > _options.AbdicateAtFirst.TotalMilliseconds;

    public void Tick(long now)
    {
        if (Nodes.Listen(_self, now))
        {
            _isDirty = true;

            // Whoever is not heard any more may be gone: everybody asks it until its lease is.
            IsInHurry = true;
            SeeNodes();
        }

        _beganAt = _beganAt == long.MaxValue ? now : _beganAt;
        _inTouchAt = !IsReady || !Nodes.IsCutOff(_self, now) ? now : _inTouchAt;
        if (IsFrozen(now))
        {
            return;
        }

        if (now - _plannedAt >= (_isDirty ? PlanEvery : PlanAtLatest))
        {
            Plan(now);
        }

        foreach (var node in Nodes.Ready())
        {
            Actions.Add(new Activate(node.Name, node.Lease!.Value));
        }

        foreach (var node in Nodes.Forgettable(now))
        {
            if (!_partitions.Values.Any(partition => partition.Has(node.Id)))
            {
                Actions.Add(new ForgetNode(node.Name, node.Record!.Lease));
            }
        }

        foreach (var partition in _partitions.Values)
        {
            partition.Core.Tick(now);
            Collect(partition);
        }
    }

    /// <summary>A primary was to be replaced by one of that term, and that was not tried, or the entry is another one.</summary>
    public void NotReplaced(PartitionId partition, long term) => Find(partition)?.Core.ElectionVoid(term);

    /// <summary>A primary was to be replaced by one of that term, and the store failed: that was not done, or nobody knows.</summary>
    public void ReplacingFailed(PartitionId partition, long term, long now) => Find(partition)?.Core.ElectionFailed(term, now);

    /// <summary>The record of a node is deleted.</summary>
    public void Forgotten(string node)
    {
        if (Nodes.Find(node) is { IsAlive: false } known)
        {
            Nodes.Forget(known.Id);
            NodesChanged();
        }
    }

    /// <summary>
    /// All that changed after a position that a node has with this coordinator, or all there is; with <paramref name="wantsNodes"/> all nodes in any case.
    /// </summary>
    public ViewUpdate UpdateSince(ViewPosition position, bool wantsNodes = false)
    {
        var since = position.Token == _token ? Math.Min(position.Seq, _seq) : 0;
        return new ViewUpdate
        {
            Coordinator = ReplicaProtocol.NameOf(_self),
            Token = _token,
            Since = since,
            Seq = _seq,
            Nodes = since == 0 || wantsNodes || _nodesAt > since ? Nodes.Show(_nodesAt) : null,
            Entries = [.. _partitions.Values.Where(partition => partition.ChangedAt > since).Select(static partition => new EntrySight(partition.Id.Value, partition.Document))],
        };
    }

    /// <summary>A node knows the view up to a position.</summary>
    public void Confirmed(NodeId node, long lease, ViewPosition position)
    {
        if (position.Token == _token)
        {
            Nodes.Confirmed(node, lease, position.Seq);
        }
    }

    /// <summary>What a plan would be made from.</summary>
    public ClusterPicture Picture(long now) => Picture(Nodes.Picture(now));

    /// <summary>Something that a plan depends on changed.</summary>
    public void PlanSoon() => _isDirty = true;

    private ClusterPicture Picture(IReadOnlyList<PlannerNode> nodes) =>
        new(nodes, [.. _partitions.Values.Select(partition => new PlannerPartition(partition.Id, partition.Entry, WantedOf(partition), partition.Move))]);

    private void TakeRecord(NodeRecord record, long now)
    {
        if (Nodes.RecordRead(record, now))
        {
            NodesChanged();
        }
    }

    private void NodesChanged()
    {
        _nodesAt = ++_seq;
        _isDirty = true;

        // Whoever is asked from now on tells of them.
        Nodes.Show(_nodesAt);
        SeeNodes();
    }

    private void SeeNodes()
    {
        foreach (var partition in _partitions.Values)
        {
            SeeNodes(partition.Core);
        }
    }

    private CoordinatorCore NewCore()
    {
        var core = new CoordinatorCore(_self, _writer, _options.Timings, ProtocolRules.All) { Burden = node => _burdens.GetValueOrDefault(node) };
        SeeNodes(core);
        return core;
    }

    private void SeeNodes(CoordinatorCore core)
    {
        foreach (var node in Nodes.All)
        {
            // Who holds a lease but is cut off from the others leads nothing. That a backup misses it too is asked for besides.
            core.NodeSeen(node.Id, node.IsAlive && node.IsHeard);
        }
    }

    private void Plan(long now)
    {
        if (Placement is null)
        {
            // Nobody has said yet how many replicas are wanted.
            return;
        }

        _plannedAt = now;
        _isDirty = false;
        var nodes = Nodes.Picture(now);
        var takers = nodes.Where(static node => node.Takes).Select(static node => node.Id).ToHashSet();
        foreach (var partition in _partitions.Values)
        {
            if (partition.CheckMove(takers.Contains) is { } done)
            {
                Actions.Add(new CountMoved(done.Reason));
            }
        }

        foreach (var (id, plan) in BalancePlanner.Plan(Picture(nodes), _options.Limits, now / TurnEvery))
        {
            Take(_partitions[id], plan);
        }

        _burdens.Clear();
        foreach (var node in nodes)
        {
            // Whoever is to give its primaries away is elected only where nobody else is there.
            _burdens[node.Id] = node.Leads ? 0 : _partitions.Count;
        }

        foreach (var partition in _partitions.Values)
        {
            _burdens[partition.Entry.Primary] = _burdens.GetValueOrDefault(partition.Entry.Primary) + 1;
        }
    }

    private void Take(KnownPartition partition, PartitionPlan plan)
    {
        partition.Plan = plan;
        if (plan.Step is PlaceStep step)
        {
            if (step.InsteadOf is { } from)
            {
                partition.Move = new PlannedMove(from, step.Node, step.Reason);
            }

            if (partition.Placing != step.Node && !partition.Has(step.Node))
            {
                Actions.Add(new CountMove(step.Reason));
            }

            partition.Placing = step.Node;
        }
        else
        {
            partition.Placing = null;
        }

        partition.Core.Planned(PlanMessages.Of(plan, partition.Entry));
    }

    /// <summary>The numbers that a partition is to have.</summary>
    public ReplicaNumbers WantedOf(KnownPartition partition) => Placement?.NumbersOf(partition.Id) ?? ReplicaNumbers.One;

    private void Collect(KnownPartition partition)
    {
        foreach (var effect in partition.Core.Effects)
        {
            switch (effect)
            {
                case Tell tell:
                    Actions.Add(new TellReplica(partition.Id, tell.To, tell.Message));
                    break;
                case WriteEntry write:
                    Actions.Add(new ReplacePrimary(partition.Id, write.ExpectedVersion, write.Proposed));
                    break;
                default:
                    throw new InvalidOperationException($"an effect that is not known: {effect}");
            }
        }

        partition.Core.Effects.Clear();
    }
}
