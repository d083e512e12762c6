using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>Drives one <see cref="ReplicaCore"/>: carries its effects out on the simulated disk, network and store, and reports what became of them.</summary>
internal sealed class SimReplica
{
    private readonly World _world;
    private readonly SimNode _node;
    private readonly List<LogRecord> _records;
    private readonly int[] _pendingNewest = [-1, -1, -1];
    private readonly Dictionary<long, ClientRequest> _requests = [];
    private readonly Dictionary<long, ReaderRequest> _reads = [];
    private CheckpointFile? _received;
    private bool _syncing;
    private bool _checkpointing;
    private int _ticks;
    private long _readableUntil = long.MinValue;
    private bool _isPublishing;

    public SimReplica(World world, SimNode node, List<LogRecord> recovered)
    {
        _world = world;
        _node = node;
        _records = recovered;
        Number = world.NextReplica();
        Head = node.Disk.Checkpoint?.Head.Clone() ?? new Head(world.Rules);
        world.Ledger.Loaded(node.Index, Head);
        var log = new LogIndex(Head.Applied);
        foreach (var record in recovered)
        {
            log.Append(record.Point);
        }

        var state = new RecoveredReplica(node.Disk.Self, node.Disk.Term, node.Disk.TermOf, log, Head.Applied.Seq);
        world.Versions.Check(node.Index, recovered);
        Core = new ReplicaCore(state, (ulong)Number, Records.Instance, world.Timings, world.Protocol, Now);
    }

    /// <summary>Tells this driver from those before and after it on the node.</summary>
    public int Number { get; }

    public ReplicaCore Core { get; }

    public Head Head { get; }

    /// <summary>What readers go by, on other threads: the core's word as it was published last.</summary>
    public bool MayAnswerReads => Now < _readableUntil;

    private long Now => _node.Clock(_world.Now);

    public void Start()
    {
        _world.Schedule(_world.Rng.Between(1, 150), new SimEvent(SimKind.Tick, _node.Index, Number, 0, 0, null));
        _world.Schedule(_world.Rng.Between(500, 1500), new SimEvent(SimKind.Ship, _node.Index, Number, 0, 0, null));
    }

    public void Handle(in SimEvent happening)
    {
        switch (happening.Kind)
        {
            case SimKind.Tick:
                Tick();
                break;
            case SimKind.Message:
                if (happening.Payload is AppendRecords append)
                {
                    _world.Versions.Check(_node.Index, append.Records);
                }

                Core.Receive(World.IdOf(happening.From), (ReplicaMessage)happening.Payload!, Now);
                break;
            case SimKind.Checkpoint:
                _received = (CheckpointFile)happening.Payload!;
                Core.CheckpointReceived(World.IdOf(happening.From), happening.Number, _received.Point);
                break;
            case SimKind.Installed:
                Install((CheckpointFile)happening.Payload!);
                break;
            case SimKind.Synced:
                _syncing = false;
                _node.Disk.Sync(happening.Number);
                Core.JournalSynced(happening.Number, Now);
                break;
            case SimKind.CheckpointRenamed:
                Rename((CheckpointFile)happening.Payload!);
                break;
            case SimKind.CheckpointStored:
                _node.Disk.Store((CheckpointFile)happening.Payload!);
                _checkpointing = false;
                Core.CheckpointStored(_node.Disk.Checkpoint!.Point);
                break;
            case SimKind.CasAnswer:
                Core.CasCompleted(happening.Number, (CasOutcome)happening.From, Now);
                break;
            case SimKind.EntryAnswer:
                _world.Versions.Looks(_node.Index);
                Core.EntryRead((TableEntry)happening.Payload!, Now);
                break;
            case SimKind.EntryPushed:
                _world.Versions.Looks(_node.Index);
                Core.EntrySeen((TableEntry)happening.Payload!, Now);
                break;
            case SimKind.ClientArrives:
                Write((ClientRequest)happening.Payload!);
                break;
            case SimKind.ReaderArrives:
                Read((ReaderRequest)happening.Payload!);
                break;
            case SimKind.Published:
                _isPublishing = false;
                break;
            case SimKind.SnapshotTaken:
                Core.SnapshotTaken(happening.Number);
                break;
        }

        CarryOut();
    }

    /// <summary>Takes what the head holds now for a read.</summary>
    public void Snapshot(ReaderRequest read)
    {
        read.Samples = Head.Samples();
        read.Truncated = Head.TruncatedGenerations;
    }

    public void Append(Func<long, long, LogRecord> make)
    {
        Core.Append(make(Core.Term, Core.Log.End.Seq + 1), Now);
        CarryOut();
    }

    private void Tick()
    {
        Core.Tick(Now);
        if (++_ticks % 8 == 0)
        {
            _world.Coordination.Poll(_node.Index, Number);
        }

        _world.Coordination.Renew(_node.Index);
        if (!_checkpointing && Head.Applied.Seq > (_node.Disk.Checkpoint?.Point.Seq ?? 0) + _world.CheckpointEvery)
        {
            _checkpointing = true;
            var file = new CheckpointFile(Head.Applied, Head.Clone());
            _world.Schedule(_world.DiskDelay(_node) * 3, new SimEvent(SimKind.CheckpointRenamed, _node.Index, Number, 0, 0, file));
        }

        _world.Schedule(_world.Rng.Between(150, 250), new SimEvent(SimKind.Tick, _node.Index, Number, 0, 0, null));
    }

    private void Rename(CheckpointFile file)
    {
        _node.Disk.Renamed = file;
        if (!_world.Rules.SyncsDirectory)
        {
            Core.CheckpointStored(file.Point);
        }

        _world.Schedule(_world.DiskDelay(_node) * 2, new SimEvent(SimKind.CheckpointStored, _node.Index, Number, 0, 0, file));
    }

    private void Write(ClientRequest request)
    {
        if (!Core.CanAppend)
        {
            _world.Clients.Answer(request, accepted: false, Core.Entry?.Primary);
            return;
        }

        var client = request.Sample / Bits.PerClient;
        var number = request.Sample % Bits.PerClient;
        var isNew = number > Math.Max(Head.Newest(client), _pendingNewest[client]);
        if (isNew)
        {
            _pendingNewest[client] = number;
            Core.Append(Records.Sample(Core.Term, Core.Log.End.Seq + 1, request.Sample, _world.Versions.KindFor(_node.Index)), Now);
        }

        var id = _world.NextRequest();
        _requests.Add(id, request);
        Core.Wait(id, isNew);
    }

    /// <summary>At the primary the core is not asked: a reader goes by what is published, before and after its snapshot.</summary>
    private void Read(ReaderRequest request)
    {
        if (MayAnswerReads || (!_world.Rules.ChecksGrantBeforeSnapshot && _world.Rng.Below(2) == 0))
        {
            _world.Readers.TakeSnapshot(_node, 0, request);
            return;
        }

        var id = _world.NextRequest();
        _reads.Add(id, request);
        Core.ReadAsBackup(id, Now);
    }

    private void Install(CheckpointFile file)
    {
        _node.Disk.Install(file);
        Head.Load(file.Head);
        _world.Ledger.Loaded(_node.Index, Head);
        _records.Clear();
        Core.CheckpointInstalled(file.Point);
        _world.Installed(Core.Term, file.Point);
    }

    private void Publish()
    {
        if (!_isPublishing)
        {
            _readableUntil = Core.ReadableUntil;
        }
    }

    /// <summary>Only without its rule: others may act on what this replica says before its readers know.</summary>
    private void PublishLate()
    {
        if (_readableUntil > Core.ReadableUntil && !_isPublishing)
        {
            _isPublishing = true;
            _world.Schedule(_world.Rng.Between(0, 3000), new SimEvent(SimKind.Published, _node.Index, Number, 0, 0, null));
        }
    }

    /// <summary>What a primary holds committed is judged before anything is made of it.</summary>
    private void Account()
    {
        if (Core.Phase is PrimaryPhase.Opening or PrimaryPhase.Open)
        {
            for (var seq = _world.Ledger.CommittedSeq + 1; seq <= Core.CommitIndex; seq++)
            {
                _world.Ledger.Commits(_node.Index, _records[(int)(seq - _records[0].Point.Seq)]);
            }
        }
    }

    private void CarryOut()
    {
        Account();
        if (!_world.Rules.PublishesBeforeEffects)
        {
            PublishLate();
        }

        Publish();
        var effects = Core.Effects;
        for (var i = 0; i < effects.Count; i++)
        {
            CarryOut(effects[i]);
        }

        effects.Clear();
        if (!_syncing && _node.Disk.HasWaiting && !Core.IsStopped)
        {
            _syncing = true;
            _world.Schedule(_world.DiskDelay(_node), new SimEvent(SimKind.Synced, _node.Index, Number, 0, _node.Disk.LastTicket, null));
        }
    }

    private void CarryOut(ReplicaEffect effect)
    {
        _world.Trace?.Effect(_world.Now, _node.Index, effect);
        switch (effect)
        {
            case Send send:
                _world.Ledger.Said(_node.Disk.Self, send.Message);
                if (send.Message is Promise promise && _node.Disk.Term < promise.Term)
                {
                    _world.Faults.Traps.WordWasGiven(_node.Index);
                }

                _world.Send(_node.Index, World.IndexOf(send.To), send.Message);
                break;
            case SendRecords send:
                SendRecords(send);
                break;
            case AppendToJournal append:
                _world.Ledger.Written(_node.Index, append.Record.Point);
                _records.Add(append.Record);
                _node.Disk.Add(new DiskOperation(append.Ticket, DiskOperationKind.Append, append.Record, 0, default));
                break;
            case CutBackJournal cut:
                _records.RemoveAll(record => record.Point.Seq > cut.Seq);
                _node.Disk.Add(new DiskOperation(cut.Ticket, DiskOperationKind.CutBack, default, cut.Seq, default));
                break;
            case PersistTerm term:
                _node.Disk.Add(new DiskOperation(term.Ticket, DiskOperationKind.Term, default, term.Term, term.Primary));
                break;
            case ApplyCommitted apply:
                Apply(apply.UpTo);
                break;
            case OpenForWrites open:
                _world.Ledger.Opened(_node.Index, open.Term, Head.Applied.Seq);
                _world.Opened++;
                Array.Fill(_pendingNewest, -1);
                break;
            case Acknowledge acknowledge:
                Acknowledge(acknowledge.Request);
                break;
            case RequestLost lost:
                _world.RequestsLost++;
                _requests.Remove(lost.Request, out var request);
                _world.Clients.Answer(request!, accepted: false, Core.Entry?.Primary);
                break;
            case TakeSnapshot snapshot:
                _world.Readers.TakeSnapshot(_node, snapshot.Read, _reads[snapshot.Read]);
                break;
            case AnswerRead answer:
                _reads.Remove(answer.Read, out var answered);
                _world.Readers.Answer(answered!);
                break;
            case RefuseRead refuse:
                _reads.Remove(refuse.Read);
                break;
            case CasEntry cas:
                _world.Ledger.Proposed(cas);
                _world.Coordination.Swap(_node.Index, Number, cas);
                break;
            case ReadEntry:
                _world.Coordination.Read(_node.Index, Number);
                break;
            case SendCheckpoint send:
                if (_world.SendCheckpoint(_node, World.IndexOf(send.To), send.Term, (_node.Disk.Checkpoint ?? _node.Disk.Renamed)!))
                {
                    Core.CheckpointBegun(send.To);
                }

                break;
            case InstallCheckpoint:
                _world.Schedule(_world.DiskDelay(_node) * 3, new SimEvent(SimKind.Installed, _node.Index, Number, 0, 0, _received));
                break;
            case ReleaseRecords release:
                _records.RemoveAll(record => record.Point.Seq <= release.UpTo);
                _node.Disk.Release(release.UpTo);
                break;
            case StartOver over:
                _node.StartOver(over.Reason);
                break;
            case ReportPrimaryMissing or AskReplacement:
                _world.Coordination.Report(_node.Index, effect);
                break;
        }
    }

    private void Apply(long upTo)
    {
        var first = _records.Count == 0 ? 0 : _records[0].Point.Seq;
        for (var seq = Head.Applied.Seq + 1; seq <= upTo; seq++)
        {
            var record = _records[(int)(seq - first)];
            if (_world.Versions.Knows(_node.Index, record.Kind))
            {
                Head.Apply(record);
            }
            else
            {
                Head.Skip(record);
            }

            _world.Ledger.Applied(_node.Index, record, Head.Hash);
        }
    }

    private void Acknowledge(long id)
    {
        _requests.Remove(id, out var request);
        var client = request!.Sample / Bits.PerClient;
        var applied = Head.Newest(client) >= request.Sample % Bits.PerClient;
        _world.Ledger.Acknowledge(_node.Index, Number, Core.Term, request.Sample, applied);
        _world.Clients.Answer(request, accepted: true, null);
    }

    private void SendRecords(SendRecords send)
    {
        var builder = System.Collections.Immutable.ImmutableArray.CreateBuilder<LogRecord>((int)Math.Max(0, send.Last - send.First + 1));
        for (var seq = send.First; seq <= send.Last; seq++)
        {
            builder.Add(_records[(int)(seq - _records[0].Point.Seq)]);
        }

        var message = new AppendRecords(send.Term, send.Previous, builder.MoveToImmutable(), send.CommitIndex);
        _world.Send(_node.Index, World.IndexOf(send.To), message);
    }
}
