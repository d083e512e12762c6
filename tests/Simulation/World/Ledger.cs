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

    private readonly CommitAccount _account = new();
    private readonly Dictionary<(long Term, long Seq), uint> _written = [];
    private readonly Dictionary<long, (int Node, int Process)> _acknowledging = [];
    private readonly Dictionary<ReplicaId, long> _promised = [];
    private readonly Dictionary<ReplicaId, HeldLog> _lost = [];
    private readonly List<CasEntry> _proposed = [];
    private Bits _acknowledged;
    private int _heir = -1;

    public ref readonly Bits Acknowledged => ref _acknowledged;

    public long CommittedSeq => _account.Count;

    public int Acknowledgements { get; private set; }

    public int Answers { get; private set; }

    /// <summary>An operator's election is being written.</summary>
    public bool IsForced { get; set; }

    /// <summary>A fault takes the log on a disk, or part of it: whatever it has said so far was true.</summary>
    public void Lost(SimDisk disk) => _lost[disk.Self] = disk.Ever.Copy();

    public void GaveUp(SimDisk disk, string reason)
    {
        if (world.Store.Entry.IsInSync(disk.Self))
        {
            throw new ViolationException(MemberKeepsLog, $"{disk.Self} started over: {reason}");
        }

        Lost(disk);
    }

    public void Written(int node, LogPoint point)
    {
        if (!_written.TryAdd((point.Term, point.Seq), point.Crc) && _written[(point.Term, point.Seq)] != point.Crc)
        {
            throw new ViolationException(WrittenOnce, $"n{node + 1} wrote another record as {point}");
        }
    }

    /// <summary>A primary asks for a change of the table: from now on whom it adds counts, as long as the change may take effect.</summary>
    public void Proposed(CasEntry change)
    {
        _proposed.RemoveAll(other => other.ExpectedVersion < world.Store.Entry.Version);
        _proposed.Add(change);
    }

    /// <summary>A primary holds a record committed.</summary>
    public void Commits(int node, LogRecord record)
    {
        foreach (var replica in world.Store.Entry.InSync)
        {
            CheckHeld(replica, record.Point, $"when n{node + 1} committed it");
        }

        foreach (var change in _proposed)
        {
            if (change.ExpectedVersion == world.Store.Entry.Version)
            {
                foreach (var replica in change.Proposed.InSync)
                {
                    CheckHeld(replica, record.Point, $"when n{node + 1} committed it, and was being added");
                }
            }
        }

        _account.Add(record);
    }

    /// <summary>A head was fed with a record: from now on it can be read.</summary>
    public void Applied(int node, LogRecord record, ulong hash)
    {
        var point = record.Point;
        if (_account.IsAbandoned(point))
        {
            if (node != _heir)
            {
                return;
            }

            // What the former primary had sent it before came in time after all.
            _account.Add(record);
        }

        if (point.Seq > _account.Count)
        {
            throw new ViolationException(AnswerIsCommitted, $"n{node + 1} applied {point}, {_account.Count} records are committed");
        }

        if (!_account.IsEqual(point, hash))
        {
            throw new ViolationException(EqualHeads, $"n{node + 1} applied {point}, committed is {_account.At(point.Seq)}; or it holds something else than others there");
        }
    }

    /// <summary>The head was loaded from a checkpoint.</summary>
    public void Loaded(int node, Head head)
    {
        if (!_account.IsAbandoned(head.Applied) && !_account.IsEqual(head.Applied, head.Hash))
        {
            throw new ViolationException(EqualHeads, $"n{node + 1} has a checkpoint at {head.Applied} that differs");
        }
    }

    public void Acknowledge(int node, int process, long term, int sample, bool applied)
    {
        if (!_account.Committed[sample] || !applied)
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
        if (applied < _account.Count && _account.At(applied + 1).Term < term)
        {
            throw new ViolationException(OpensWithEverything, $"n{node + 1} opened term {term} with {applied} applied of {_account.Count} committed");
        }
    }

    public void Answered(string what, in Bits began, in Bits answer)
    {
        Answers++;
        var due = began;
        due.Keep(_acknowledged);
        if (due.FirstNotIn(answer) is >= 0 and var missing)
        {
            throw new ViolationException(AnswerIsComplete, $"{what} lacks sample {missing}");
        }

        if (answer.FirstNotIn(_account.EverCommitted) is >= 0 and var early)
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
        _acknowledged.Keep(_account.GiveUpBeyond(log));
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
                for (var seq = 1; seq <= _account.Count; seq++)
                {
                    CheckHeld(replica, _account.At(seq), "when it joined");
                }
            }
        }
    }

    /// <summary>After every step: what a listed, living member has cut off its disk was not committed.</summary>
    public void CheckCuts()
    {
        foreach (var node in world.Nodes)
        {
            if (node.Disk.TakeCut() is { } first)
            {
                CheckHoldsFrom(node.Disk.Self, first, CommittedIsEverywhere, "after it was cut back");
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
                CheckHoldsFrom(replica, 1, CommittedIsEverywhere, when);
            }
        }
    }

    /// <summary>When all is whole again: every member holds everything, from the beginning.</summary>
    public void CheckEnd()
    {
        foreach (var replica in world.Store.Entry.InSync)
        {
            CheckHoldsFrom(replica, 1, NothingLost, "in the end");
        }

        if (_acknowledged.FirstNotIn(_account.Committed) is >= 0 and var missing)
        {
            throw new ViolationException(NothingLost, $"sample {missing} was acknowledged and is not committed in the end");
        }
    }

    private void CheckHoldsFrom(ReplicaId replica, long first, string invariant, string when)
    {
        if (!world.Store.Entry.IsInSync(replica))
        {
            return;
        }

        for (var seq = first; seq <= _account.Count; seq++)
        {
            CheckHolds(replica, _account.At(seq), invariant, when);
        }
    }

    /// <summary>A log that a fault took is excused for what it does not hold now, not for what it never held.</summary>
    private void CheckHeld(ReplicaId replica, LogPoint point, string when)
    {
        if (!_lost.TryGetValue(replica, out var held))
        {
            CheckHolds(replica, point, CommittedIsEverywhere, when);
        }
        else if (!held.Held(point))
        {
            throw new ViolationException(CommittedIsEverywhere, $"{replica}, which is gone, had not held {point} {when}");
        }
    }

    private void CheckHolds(ReplicaId replica, LogPoint point, string invariant, string when)
    {
        if (_lost.ContainsKey(replica))
        {
            return;
        }

        var disk = world.Nodes[World.IndexOf(replica.Node)].Disk;
        if (disk.Self != replica || !disk.Holds(point))
        {
            throw new ViolationException(invariant, $"{replica} did not hold {point} {when}");
        }
    }
}
