using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Decides, before the protocol takes over, whether a partition's entry and the log found here fit each other. Pure. A missing log is never an empty log:
/// where this replica is the only one that was in sync and its log is not the one listed, the partition is refused, unless what is missing was given
/// up knowingly. Where others were in sync the log comes back as a learner, which is the protocol's business.
/// </summary>
internal static class EntryDecision
{
    /// <summary>Decides.</summary>
    public static EntryVerdict Decide(in EntryFacts facts)
    {
        var partition = facts.Partition;
        if (facts.Entry is not { } entry)
        {
            return facts.End.Seq > 0
                ? EntryVerdict.Wait($"partition {partition}: the log holds records up to {facts.End.Seq}, but the partition table has no entry: is this the right coordination store?")
                : EntryVerdict.Create;
        }

        if (entry.InSync is not [var only] || only.Node != facts.Self.Node)
        {
            return facts.MayHaveLost ? EntryVerdict.StartOver : EntryVerdict.Use;
        }

        if (facts.MayHaveLost)
        {
            return EntryVerdict.Refuse(PartitionRecovery.LostMessage(partition));
        }

        if (facts.End.Term > entry.Term)
        {
            return EntryVerdict.Refuse($"partition {partition}: the log holds records of term {facts.End.Term}, the partition table knows only term {entry.Term}");
        }

        if (only.Incarnation == facts.Self.Incarnation)
        {
            return EntryVerdict.Use;
        }

        return facts.MaySucceed(only.Incarnation)
            ? EntryVerdict.Adopt(entry with { Version = entry.Version + 1, InSync = [facts.Self] })
            : EntryVerdict.Refuse($"partition {partition}: the log of this node (incarnation {facts.Self.Incarnation}) is not the one that was in sync; it may lack acknowledged records");
    }
}

/// <summary>What <see cref="EntryDecision"/> decides from.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Self">This node and the incarnation of its log.</param>
/// <param name="MaySucceed">Whether this log may take the place of an incarnation, since what is missing was given up knowingly.</param>
/// <param name="Entry">The entry found, or null.</param>
/// <param name="End">Last record of the local log.</param>
/// <param name="MayHaveLost">The local log is damaged for this partition.</param>
internal readonly record struct EntryFacts(
    PartitionId Partition, ReplicaRef Self, Func<string, bool> MaySucceed, PartitionEntry? Entry, LogPoint End, bool MayHaveLost);

/// <summary>What to do about an entry.</summary>
/// <param name="Action">What.</param>
/// <param name="Proposed">The entry to write first, where one is to be written.</param>
/// <param name="Refusal">Why the partition cannot be opened here, where it cannot, or not yet.</param>
internal readonly record struct EntryVerdict(EntryAction Action, PartitionEntry? Proposed, string? Refusal)
{
    /// <summary>The entry stands: the protocol goes on with it.</summary>
    public static readonly EntryVerdict Use = new(EntryAction.Use, null, null);

    /// <summary>The partition is new.</summary>
    public static readonly EntryVerdict Create = new(EntryAction.Create, null, null);

    /// <summary>The log is not whole, and others have it: it begins anew.</summary>
    public static readonly EntryVerdict StartOver = new(EntryAction.StartOver, null, null);

    /// <summary>The entry is brought to the incarnation of the log here.</summary>
    public static EntryVerdict Adopt(PartitionEntry proposed) => new(EntryAction.Adopt, proposed, null);

    /// <summary>The partition cannot be opened here before the table says something else.</summary>
    public static EntryVerdict Wait(string reason) => new(EntryAction.Wait, null, reason);

    /// <summary>The partition cannot be opened here.</summary>
    public static EntryVerdict Refuse(string reason) => new(EntryAction.Refuse, null, reason);
}

/// <summary>What to do about an entry.</summary>
internal enum EntryAction
{
    /// <summary>Go on with it.</summary>
    Use,

    /// <summary>Make one.</summary>
    Create,

    /// <summary>Write the proposed one first.</summary>
    Adopt,

    /// <summary>Begin the log anew.</summary>
    StartOver,

    /// <summary>Nothing yet: another look at the table may show what this one did not.</summary>
    Wait,

    /// <summary>Nothing: an operator has to decide.</summary>
    Refuse,
}
