using Deucalion.Common.Contracts;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

/// <summary>One core with a journal that syncs at once, and what it wanted since it was last asked.</summary>
internal sealed class CoreHarness : ITermStart
{
    public static readonly ProtocolTimings Timings = new();

    private readonly List<ReplicaEffect> _effects = [];

    public CoreHarness(ReplicaId self, LogIndex? log = null, long now = 0, long? applied = null)
    {
        Now = now;
        log ??= new LogIndex(LogPoint.Start);
        Core = new ReplicaCore(new RecoveredReplica(self, 0, default, log, applied ?? log.Base.Seq), 77, this, Timings, ProtocolRules.All, now);
    }

    public ReplicaCore Core { get; }

    public long Now { get; private set; }

    public static ReplicaId Replica(int node) => new(new NodeId((UInt128)node), (UInt128)(100 + node));

    public static TableEntry Entry(int primary, params int[] inSync) => new()
    {
        Term = 1,
        Version = 1,
        ReplicationFactor = 3,
        MinInSync = 2,
        Primary = new NodeId((UInt128)primary),
        InSync = [.. inSync.Select(Replica)],
        Learners = [],
    };

    public static LogRecord Record(long term, long seq) => new(new LogPoint(term, seq, (uint)(seq * 31)), RecordKind.Samples, default);

    public LogRecord Encode(long term, LogPoint previous, ReplicaId self) => Record(term, previous.Seq + 1) with { Kind = RecordKind.TermStart };

    /// <summary>Calls the core, syncs what it journals, and returns what it wanted.</summary>
    public IReadOnlyList<ReplicaEffect> Do(Action<ReplicaCore> call)
    {
        _effects.Clear();
        call(Core);
        Drain();
        return [.. _effects];
    }

    public IReadOnlyList<ReplicaEffect> Receive(int from, ReplicaMessage message) => Do(core => core.Receive(new NodeId((UInt128)from), message, Now));

    public IReadOnlyList<ReplicaEffect> Tick(long after)
    {
        Now += after;
        return Do(core => core.Tick(Now));
    }

    /// <summary>Makes it the open primary of term 2 with members that hold its term start.</summary>
    public TableEntry Open(TableEntry entry)
    {
        var cas = Do(core => core.EntrySeen(entry, Now)).OfType<CasEntry>().Single();
        Do(core => core.CasCompleted(cas.Proposed.Counter, CasOutcome.Done, Now));
        foreach (var member in entry.InSync.Where(member => member != Core.Self))
        {
            Follow((int)member.Node.Value, member.Incarnation);
        }

        return cas.Proposed;
    }

    /// <summary>A replica with an empty log promises and takes all records.</summary>
    public void Follow(int node, UInt128 incarnation)
    {
        Receive(node, new Promise(Core.Term, incarnation, new LogIndex(LogPoint.Start).Summary()));
        Receive(node, new Appended(Core.Term, incarnation, Core.Log.End.Seq));
    }

    private void Drain()
    {
        while (Core.Effects.Count > 0)
        {
            var ticket = Core.Effects.Max(static effect => effect switch
            {
                AppendToJournal append => append.Ticket,
                CutBackJournal cut => cut.Ticket,
                PersistTerm term => term.Ticket,
                _ => 0,
            });
            _effects.AddRange(Core.Effects);
            Core.Effects.Clear();
            if (ticket > 0)
            {
                Core.JournalSynced(ticket, Now);
            }
        }
    }
}
