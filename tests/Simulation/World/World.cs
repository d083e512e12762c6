using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;
using Deucalion.Simulation.Shipping;

namespace Deucalion.Simulation.World;

/// <summary>
/// A cluster with one partition, its clients, readers, store and faults, all from one seed. One event at a time; the ledger looks at every one.
/// First the faults' time, then a time in which everything is whole and the partition has to recover.
/// </summary>
internal sealed class World
{
    public const long LeaseTime = 2500;
    private const long QuietTime = 60_000;

    private readonly EventQueue _queue = new();
    private readonly List<SimEvent>[] _held;
    private readonly long _faultTime;
    private long _processes;
    private long _replicas;
    private long _requests;
    private ulong _incarnations = 100;

    public World(ulong seed, ProtocolRules protocol, WorldRules rules, Trace? trace, int onlyFault = -1)
    {
        Protocol = protocol;
        Rules = rules;
        Trace = trace;
        Rng = new Rng((seed * 0x9E3779B97F4A7C15) ^ 0xD1B54A32D192ED03);
        Plan = new WorldPlan(Rng);
        if (onlyFault >= 0)
        {
            Plan.KeepCalm(onlyFault);
        }

        Timings = Plan.Timings;
        _faultTime = Plan.FaultTime;
        CheckpointEvery = Plan.CheckpointEvery;
        Network = new SimNetwork(Plan.Nodes, Rng, Plan.Loss, Plan.Doubled, Plan.Late);
        Ledger = new Ledger(this);
        Nodes = new SimNode[Plan.Nodes];
        _held = new List<SimEvent>[Plan.Nodes];
        for (var i = 0; i < Nodes.Length; i++)
        {
            _held[i] = [];
            Nodes[i] = new SimNode(i, this, 1 + (Rng.Between(-15, 15) / 1000.0), Rng.Between(0, 1_000_000))
            {
                Disk = new SimDisk(new ReplicaId(IdOf(i), NextIncarnation())),
            };
        }

        Store = new SimStore(Plan.FirstEntry(Nodes), Nodes.Length, rules);
        Coordination = new SimCoordination(this);
        Clients = new SimClients(this);
        Objects = new SimObjects(this);
        Readers = new SimReaders(this);
        Shippers = new SimShippers(this);
        Faults = new SimFaults(this);
        Versions = new SimVersions(this, seed);
    }

    public Rng Rng { get; }

    public ProtocolTimings Timings { get; }

    public WorldPlan Plan { get; }

    public ProtocolRules Protocol { get; }

    public WorldRules Rules { get; }

    public Trace? Trace { get; }

    public long Now { get; private set; }

    public int Steps { get; private set; }

    public int Opened { get; set; }

    public int RequestsLost { get; set; }

    public int CheckpointsInstalled { get; private set; }

    /// <summary>Of those the ones whose primary had released what follows, though it was little enough to be kept.</summary>
    public int CheckpointsInVain { get; set; }

    public bool IsQuiet { get; private set; }

    public long CheckpointEvery { get; }

    public SimNetwork Network { get; }

    public SimStore Store { get; }

    public Ledger Ledger { get; }

    public SimNode[] Nodes { get; }

    public SimCoordination Coordination { get; }

    public SimClients Clients { get; }

    public SimReaders Readers { get; }

    public SimObjects Objects { get; }

    public SimShippers Shippers { get; }

    public SimFaults Faults { get; }

    public SimVersions Versions { get; }

    public static NodeId IdOf(int index) => new((UInt128)(index + 1));

    public static int IndexOf(NodeId id) => (int)id.Value - 1;

    public int NextProcess() => (int)++_processes;

    public int NextReplica() => (int)++_replicas;

    public long NextRequest() => ++_requests;

    public ulong NextIncarnation() => ++_incarnations;

    public void Schedule(long delay, in SimEvent happening) => _queue.Add(Now + delay, happening);

    public long DiskDelay(SimNode node) => node.IsSlow ? Rng.Between(100, 1500) : Rng.Between(1, 8);

    /// <summary>A message between replicas, by whatever the network makes of it.</summary>
    public void Send(int from, int to, ReplicaMessage message)
    {
        for (var i = Network.Deliveries(from, to); i > 0; i--)
        {
            Schedule(Network.Delay(to, Now), new SimEvent(SimKind.Message, to, 0, from, 0, message));
        }
    }

    /// <summary>A checkpoint, by whatever the network makes of it; some take long. False: an older one is still on its way there.</summary>
    public bool SendCheckpoint(SimNode from, int to, long term, CheckpointFile file)
    {
        if (Now < from.SendsUntil[to])
        {
            return false;
        }

        for (var i = Network.Deliveries(from.Index, to); i > 0; i--)
        {
            var delay = !IsQuiet && Rng.Below(4) == 0 ? Rng.Between(900, 6000) : Rng.Between(50, 900);
            from.SendsUntil[to] = Math.Max(from.SendsUntil[to], Now + delay);
            Schedule(delay, new SimEvent(SimKind.Checkpoint, to, 0, from.Index, term, file));
        }

        return true;
    }

    /// <summary>A learner has made a checkpoint of that term's primary its own: it goes on from there if the primary holds what follows.</summary>
    public void Installed(long term, LogPoint point)
    {
        CheckpointsInstalled++;
        if (Nodes[IndexOf(Store.Entry.Primary)] is { IsUp: true, Replica.Core: var primary } && primary.Term == term
            && primary.Log.Base.Seq > point.Seq && primary.Log.End.Seq - point.Seq <= Timings.PinnedRecords)
        {
            CheckpointsInVain++;
        }
    }

    /// <summary>Runs to the end; a <see cref="ViolationException"/> where an invariant does not hold.</summary>
    public void Run()
    {
        Versions.Begin();
        foreach (var node in Nodes)
        {
            node.Start();
        }

        Coordination.Begin();
        Clients.Begin();
        Readers.Begin();
        Objects.Begin();
        Faults.Begin();
        while (_queue.TryTake(out var happening, out var time))
        {
            Now = time;
            Steps++;
            if (!IsQuiet && Now > _faultTime)
            {
                IsQuiet = true;
                Faults.HealAll();
                Clients.ExpectOneMore();
            }

            Dispatch(happening);
            Ledger.CheckCuts();
            if (IsQuiet && Steps % 16 == 0 && IsRecovered())
            {
                Ledger.CheckEnd();
                return;
            }

            if (Now > _faultTime + QuietTime)
            {
                throw new ViolationException(Ledger.Alive, $"{Store.Entry}; {Clients.Describe()}; final read {Readers.FinalAnswered}");
            }
        }
    }

    /// <summary>Lets a paused node's events come in.</summary>
    public void Resume(int node)
    {
        foreach (var happening in _held[node])
        {
            Schedule(0, happening);
        }

        _held[node].Clear();
    }

    public void DropHeld(int node) => _held[node].Clear();

    private bool IsRecovered()
    {
        var entry = Store.Entry;
        return entry.InSync.Length >= entry.ReplicationFactor && entry.InSync.All(replica => Nodes[IndexOf(replica.Node)].Disk.Self == replica)
            && Clients.AllAcknowledgedOneMore && Readers.AskFinal();
    }

    private void Dispatch(in SimEvent happening)
    {
        if (happening.Node < 0)
        {
            Trace?.Event(Now, happening);
            DispatchWorld(happening);
            return;
        }

        var node = Nodes[happening.Node];
        var number = happening.Kind is SimKind.Snapshot or SimKind.ReadChecked ? node.Process : node.Replica?.Number;
        if (!node.IsUp || (happening.Process != 0 && happening.Process != number))
        {
            return;
        }

        if (node.PausedUntil > Now)
        {
            _held[happening.Node].Add(happening);
            return;
        }

        Trace?.Event(Now, happening);
        switch (happening.Kind)
        {
            case SimKind.Snapshot or SimKind.ReadChecked:
                Readers.Handle(node, happening);
                break;
            case SimKind.Ship:
                Shippers.Step(node, happening);
                break;
            case SimKind.Report or SimKind.CoordinatorTick:
                Coordination.Handle(node, happening);
                break;
            default:
                node.Replica!.Handle(happening);
                break;
        }
    }

    private void DispatchWorld(in SimEvent happening)
    {
        switch (happening.Kind)
        {
            case SimKind.CasArrives or SimKind.EntryRead:
                Coordination.Handle(happening);
                break;
            case SimKind.ClientSend or SimKind.ClientAnswer:
                Clients.Handle(happening);
                break;
            case SimKind.ReaderBegin or SimKind.ReaderAnswer or SimKind.ReaderBlocks:
                Readers.Handle(happening);
                break;
            case SimKind.Compact:
                Objects.Compact();
                break;
            case SimKind.Fault or SimKind.Heal or SimKind.Restart:
                Faults.Handle(happening);
                break;
            case SimKind.Upgrade when !IsQuiet:
                Versions.Upgrade((int)happening.Number);
                break;
        }
    }
}
