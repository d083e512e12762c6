using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// The primary's side of a partition's log as a pure state machine: calls are its inputs, results and properties its outputs; no I/O, clock or thread.
/// <para>
/// A term is entered only after the compare-and-swap that wrote it was confirmed, and no term is entered twice: (term, seq) is written once, ever.
/// The commit index is the highest seq that every in-sync member holds durably; it never falls. A request may be acknowledged when the commit index
/// has reached the end of the log as it stood when the request was validated, even if it appended nothing: what it was validated against must not
/// be lost while its answer is kept. A primary that loses its place drops what is pending; readers never saw it.
/// </para>
/// </summary>
public sealed class PrimaryState
{
    private readonly Dictionary<ReplicaRef, long> _durable = [];

    /// <summary>State of a log that ends at a record; everything up to it is committed where <paramref name="committed"/> says so.</summary>
    public PrimaryState(LogPoint end, long committed)
    {
        End = end;
        CommitIndex = committed;
    }

    /// <summary>Whether records may be appended.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The term entered last; 0: none yet.</summary>
    public long Term { get; private set; }

    /// <summary>Last record of the log, committed or pending.</summary>
    public LogPoint End { get; private set; }

    /// <summary>Highest seq that is durable on all in-sync members.</summary>
    public long CommitIndex { get; private set; }

    /// <summary>In-sync members of the term.</summary>
    public IReadOnlyCollection<ReplicaRef> InSync => _durable.Keys;

    /// <summary>
    /// Enters the term of an entry that this replica itself wrote. Members are taken to hold what is committed; the others report what they hold.
    /// </summary>
    public void EnterTerm(PartitionEntry entry)
    {
        if (entry.Term <= Term || entry.Term < End.Term)
        {
            throw new InvalidOperationException($"term {entry.Term} has been entered before: {Term}, log at {End.Term}");
        }

        Term = entry.Term;
        _durable.Clear();
        foreach (var member in entry.InSync)
        {
            _durable.Add(member, CommitIndex);
        }

        IsOpen = true;
    }

    /// <summary>The place of the next record.</summary>
    public long NextSeq()
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("the log is not open");
        }

        return End.Seq + 1;
    }

    /// <summary>The record at <see cref="NextSeq"/> has been handed to the journal.</summary>
    public void Appended(uint crc) => End = new LogPoint(Term, NextSeq(), crc);

    /// <summary>A member holds everything up to seq durably. Returns whether the commit index rose. Reports of other terms do not count.</summary>
    public bool Durable(ReplicaRef member, long term, long seq)
    {
        if (!IsOpen || term != Term || !_durable.TryGetValue(member, out var before) || seq <= before)
        {
            return false;
        }

        if (seq > End.Seq)
        {
            throw new LogCorruptException($"member {member.Node} reports {seq} of a log that ends at {End.Seq}");
        }

        _durable[member] = seq;
        var lowest = long.MaxValue;
        foreach (var value in _durable.Values)
        {
            lowest = Math.Min(lowest, value);
        }

        if (lowest <= CommitIndex)
        {
            return false;
        }

        CommitIndex = lowest;
        return true;
    }

    /// <summary>The place is lost: pending records are dropped, the log ends at <paramref name="end"/>, what the local journal surely holds.</summary>
    public void Lose(LogPoint end)
    {
        IsOpen = false;
        End = end;
    }
}
