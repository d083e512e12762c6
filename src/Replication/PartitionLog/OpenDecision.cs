using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Decides from the table entry and the local log how a partition is opened here. Pure. A missing log is never an empty log: a replica whose
/// incarnation is not listed is refused, unless it is the only replica and what is missing was given up knowingly.
/// </summary>
public sealed record OpenDecision
{
    private OpenDecision()
    {
    }

    /// <summary>The entry to write by compare-and-swap: with a term that nobody has seen yet. Null: refused.</summary>
    public PartitionEntry? Propose { get; private init; }

    /// <summary>Why the partition cannot be opened here, or null.</summary>
    public string? Refusal { get; private init; }

    /// <summary>Decides.</summary>
    public static OpenDecision Decide(in OpenFacts facts)
    {
        var partition = facts.Partition;
        if (facts.MayHaveLost && facts.Entry is not null)
        {
            return Refuse($"partition {partition}: records that were durable are missing or damaged in the log of this node; --wal.salvage opens it without them");
        }

        var self = new ReplicaRef(facts.Node, facts.Incarnation.Current);
        if (facts.Entry is not { } entry)
        {
            if (facts.End.Seq > 0)
            {
                return Refuse($"partition {partition}: the log holds records up to {facts.End.Seq}, but the partition table has no entry: is this the right coordination store?");
            }

            return new OpenDecision
            {
                Propose = new PartitionEntry
                {
                    Term = 1,
                    Version = 1,
                    ReplicationFactor = facts.ReplicationFactor,
                    MinInSync = (facts.ReplicationFactor / 2) + 1,
                    Primary = facts.Node,
                    InSync = [self],
                    Learners = [],
                    WriterId = string.Empty,
                    Counter = 0,
                },
            };
        }

        if (entry.Primary != facts.Node)
        {
            return Refuse($"partition {partition}: node {entry.Primary} is its primary");
        }

        var inSync = entry.InSync;
        if (!inSync.Contains(self))
        {
            if (inSync is not [var only] || only.Node != facts.Node || !facts.Incarnation.MaySucceed(only.Incarnation))
            {
                return Refuse($"partition {partition}: the log of this node (incarnation {self.Incarnation}) is not the one that was in sync; it may lack acknowledged records");
            }

            inSync = [self];
        }

        if (facts.End.Term > entry.Term)
        {
            return Refuse($"partition {partition}: the log holds records of term {facts.End.Term}, the partition table knows only term {entry.Term}");
        }

        return new OpenDecision { Propose = entry with { Term = entry.Term + 1, Version = entry.Version + 1, InSync = inSync } };
    }

    private static OpenDecision Refuse(string reason) => new() { Refusal = reason };
}

/// <summary>What <see cref="OpenDecision"/> decides from.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Node">This node.</param>
/// <param name="Incarnation">Incarnation of this node's log.</param>
/// <param name="ReplicationFactor">For an entry that has to be created.</param>
/// <param name="Entry">The entry found, or null.</param>
/// <param name="End">Last record of the local log.</param>
/// <param name="MayHaveLost">The local log is damaged for this partition.</param>
public readonly record struct OpenFacts(
    PartitionId Partition,
    string Node,
    LogIncarnation Incarnation,
    int ReplicationFactor,
    PartitionEntry? Entry,
    LogPoint End,
    bool MayHaveLost);
