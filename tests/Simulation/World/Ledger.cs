using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>What really happened, and the invariants over it. Knows all disks and the table; the replicas know nothing of it.</summary>
internal sealed class Ledger(World world)
{
    public const string CommittedIsEverywhere = "a committed record is durable on every in-sync member";
    public const string WrittenOnce = "(term, seq) is written once";
    public const string EqualHeads = "equal heads at equal seq";
    public const string AcknowledgedIsCommitted = "what is acknowledged is committed and applied";
    public const string OneAcknowledgingPrimary = "one acknowledging primary per term";
    public const string AnswerIsComplete = "no answer lacks what was acknowledged before it began";
    public const string AnswerIsCommitted = "nothing is read that was not committed";
    public const string PromisesAreKept = "a promise is kept";
    public const string MinInSyncIsKept = "the in-sync set is not reduced below minInSync";
    public const string OpensWithEverything = "a primary opens with everything committed";
    public const string MemberKeepsLog = "a listed member keeps its log";
    public const string KindsAreKnown = "every version understands what it is given and what it finds";
    public const string Alive = "after the faults the partition works again";
    public const string NothingLost = "nothing acknowledged is lost in the end";

    private readonly List<LogPoint> _committed = [];
    private readonly List<ulong> _hashes = [];
    private readonly Dictionary<(long Term, long Seq), uint> _written = [];
    private readonly Dictionary<long, (int Node, int Process)> _acknowledging = [];
    private readonly Dictionary<ReplicaId, long> _promised = [];
    private readonly HashSet<ReplicaId> _lost = [];
    private readonly List<int> _samples = [];
    private readonly HashSet<(long Seq, ulong Hash)> _abandoned = [];
    private Bits _everCommitted;
    private int _heir = -1;
    private Bits _acknowledged;
    private Bits _committedSamples;

    public ref readonly Bits Acknowledged => ref _acknowledged;

    public long CommittedSeq => _committed.Count;

    public int Acknowledgements { get; private set; }

    public int Answers { get; private set; }

    /// <summary>An operator's election is being written.</summary>
    public bool IsForced { get; set; }

    /// <summary>Whether the log of that incarnation is known to be gone by a fault.</summary>
    public bool IsLost(ReplicaId replica) => _lost.Contains(replica);

    public void Lost(ReplicaId replica) => _lost.Add(replica);

    public void GaveUp(ReplicaId replica, string reason)
    {
        if (world.Store.Entry.IsInSync(replica))
        {
            throw new ViolationException(MemberKeepsLog, $"{replica} started over: {reason}");
        }

        _lost.Add(replica);
    }

    public void Written(int node, LogPoint point)
    {
        if (!_written.TryAdd((point.Term, point.Seq), point.Crc) && _written[(point.Term, point.Seq)] != point.Crc)
        {
            throw new ViolationException(WrittenOnce, $"n{node + 1} wrote another record as {point}");
        }
    }

    public void Applied(int node, LogRecord record, ulong hash)
    {
        var seq = record.Point.Seq;
        if (_abandoned.Contains((seq, hash)) && (node != _heir || !_abandoned.Remove((seq, hash))))
        {
            return;
        }

        if (seq <= _committed.Count)
        {
            if (_committed[(int)seq - 1] != record.Point || _hashes[(int)seq - 1] != hash)
            {
                throw new ViolationException(EqualHeads, $"n{node + 1} applied {record.Point}, {_committed[(int)seq - 1]} was applied before");
            }

            return;
        }

        _committed.Add(record.Point);
        _hashes.Add(hash);
        _samples.Add(Records.IsSample(record.Kind) ? Records.Read(record).First : -1);
        if (Records.IsSample(record.Kind))
        {
            _committedSamples.Add(_samples[^1]);
            _everCommitted.Add(_samples[^1]);
        }

        foreach (var replica in world.Store.Entry.InSync)
        {
            CheckHolds(replica, record.Point, "when it was committed");
        }
    }

    /// <summary>The head was loaded from a checkpoint.</summary>
    public void Loaded(int node, Head head)
    {
        var seq = head.Applied.Seq;
        if (seq > 0 && !_abandoned.Contains((seq, head.Hash)) && (seq > _committed.Count || _hashes[(int)seq - 1] != head.Hash))
        {
            throw new ViolationException(EqualHeads, $"n{node + 1} has a checkpoint at {head.Applied} that differs");
        }
    }

    public void Acknowledge(int node, int process, long term, int sample, bool applied)
    {
        if (!_committedSamples[sample] || !applied)
        {
            throw new ViolationException(AcknowledgedIsCommitted, $"n{node + 1} acknowledged sample {sample} in term {term}");
        }

        if (world.Store.Entry is var entry && entry.InSync.Length < entry.MinInSync)
        {
            throw new ViolationException(MinInSyncIsKept, $"n{node + 1} acknowledged sample {sample} with {entry}");
        }

        _acknowledging.TryAdd(term, (node, process));
        if (_acknowledging[term] != (node, process))
        {
            throw new ViolationException(OneAcknowledgingPrimary, $"n{node + 1} and n{_acknowledging[term].Node + 1} in term {term}");
        }

        Acknowledgements++;
        _acknowledged.Add(sample);
    }

    public void Opened(int node, long term, long applied)
    {
        // One that opens late, when a later term is open already, need not have what was committed there: it can commit and answer nothing.
        if (applied < _committed.Count && _committed[(int)applied].Term < term)
        {
            throw new ViolationException(OpensWithEverything, $"n{node + 1} opened term {term} with {applied} applied of {_committed.Count} committed");
        }
    }

    public void Answered(string what, in Bits began, in Bits answer)
    {
        Answers++;
        if (began.FirstNotIn(answer) is >= 0 and var missing && _acknowledged[missing])
        {
            throw new ViolationException(AnswerIsComplete, $"{what} lacks sample {missing}");
        }

        if (answer.FirstNotIn(_everCommitted) is >= 0 and var early)
        {
            throw new ViolationException(AnswerIsCommitted, $"{what} holds sample {early}");
        }
    }

    /// <summary>A replica says something under a term.</summary>
    public void Said(ReplicaId replica, ReplicaMessage message)
    {
        if (message is Promise)
        {
            _promised[replica] = Math.Max(_promised.GetValueOrDefault(replica), message.Term);
        }

        if (message is Promise or Appended or AppendMismatch or HeartbeatReply { Granted: true } && _promised.GetValueOrDefault(replica) > message.Term)
        {
            throw new ViolationException(PromisesAreKept, $"{replica} follows term {message.Term} after it promised {_promised[replica]}");
        }
    }

    /// <summary>By an operator's word the log of one replica is the partition's: what it lacks is given up.</summary>
    public void GiveUpBeyond(int heir, LogIndex log)
    {
        _heir = heir;
        var kept = _committed.Count;
        while (kept > 0 && log.At(kept) != _committed[kept - 1])
        {
            kept--;
        }

        for (var i = kept; i < _committed.Count; i++)
        {
            _abandoned.Add((i + 1, _hashes[i]));
        }

        _committed.RemoveRange(kept, _committed.Count - kept);
        _hashes.RemoveRange(kept, _hashes.Count - kept);
        _samples.RemoveRange(kept, _samples.Count - kept);
        _committedSamples = default;
        var acknowledged = default(Bits);
        foreach (var sample in _samples)
        {
            if (sample >= 0)
            {
                _committedSamples.Add(sample);
                if (_acknowledged[sample])
                {
                    acknowledged.Add(sample);
                }
            }
        }

        _acknowledged = acknowledged;
    }

    public void TableChanged(TableEntry before, TableEntry after)
    {
        if (after.InSync.Length < before.InSync.Length && after.InSync.Length < after.MinInSync && !IsForced)
        {
            throw new ViolationException(MinInSyncIsKept, after.ToString());
        }

        foreach (var replica in after.InSync)
        {
            if (!before.IsInSync(replica))
            {
                CheckHoldsAll(replica, "when it joined");
            }
        }
    }

    /// <summary>After a crash: what was durable still is.</summary>
    public void CheckNode(int node, string when)
    {
        foreach (var replica in world.Store.Entry.InSync)
        {
            if (World.IndexOf(replica.Node) == node)
            {
                CheckHoldsAll(replica, when);
            }
        }
    }

    private void CheckHoldsAll(ReplicaId replica, string when)
    {
        for (var seq = _committed.Count; seq > 0 && seq > _committed.Count - 64; seq--)
        {
            CheckHolds(replica, _committed[seq - 1], when);
        }
    }

    private void CheckHolds(ReplicaId replica, LogPoint point, string when)
    {
        if (_lost.Contains(replica))
        {
            return;
        }

        var disk = world.Nodes[World.IndexOf(replica.Node)].Disk;
        if (disk.Self != replica || !disk.Holds(point.Term, point.Seq, point.Crc))
        {
            throw new ViolationException(CommittedIsEverywhere, $"{replica} did not hold {point} {when}");
        }
    }
}
