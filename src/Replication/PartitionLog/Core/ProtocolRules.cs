namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// The safety rules of the protocol, one switch each. Production knows only <see cref="All"/>; tests remove one at a time and show that the
/// simulator notices (docs/protocol-mutants.md), so that no rule is there without a reason and none can be lost unnoticed.
/// </summary>
internal sealed record ProtocolRules
{
    public static readonly ProtocolRules All = new();

    /// <summary>A backup refuses an append whose predecessor it does not hold.</summary>
    public bool RefusesMismatch { get; init; } = true;

    /// <summary>Nothing is accepted from a primary of an older term than the one entered.</summary>
    public bool RefusesOldTerms { get; init; } = true;

    /// <summary>A member reports as durable only what it has synced.</summary>
    public bool ReportsOnlyDurable { get; init; } = true;

    /// <summary>A member reports as durable only records that it shares with this term's primary.</summary>
    public bool ReportsOnlyMatched { get; init; } = true;

    /// <summary>Committed is what every in-sync member holds.</summary>
    public bool CommitNeedsEveryMember { get; init; } = true;

    /// <summary>Heads are fed with committed records only.</summary>
    public bool AppliesOnlyCommitted { get; init; } = true;

    /// <summary>A batch is applied before it is acknowledged.</summary>
    public bool AppliesBeforeAcknowledging { get; init; } = true;

    /// <summary>An acknowledgement waits for the end of the log at validation, even if nothing was appended.</summary>
    public bool AcknowledgesAtLogEnd { get; init; } = true;

    /// <summary>A process appends only in a term that it wrote into the table itself.</summary>
    public bool TakesNewTerm { get; init; } = true;

    /// <summary>The term entered is durable before anybody is told.</summary>
    public bool PersistsTermFirst { get; init; } = true;

    /// <summary>Only the incarnation that the table lists as in sync may open.</summary>
    public bool OpensOnlyListedIncarnation { get; init; } = true;

    /// <summary>A term's primary serves only after its term start is committed.</summary>
    public bool OpensAfterTermStart { get; init; } = true;

    /// <summary>A partition with fewer in-sync members than <c>minInSync</c> takes no writes.</summary>
    public bool OpensOnlyWithMinInSync { get; init; } = true;

    /// <summary>A log that would have to be cut below the commit index starts over with a new incarnation.</summary>
    public bool StartsOverBelowCommit { get; init; } = true;

    /// <summary>A member that is being removed counts until the removal is confirmed.</summary>
    public bool KeepsRemovedUntilConfirmed { get; init; } = true;

    /// <summary>A member that is being added counts from before the addition is sent.</summary>
    public bool RequiresAddedBeforeSent { get; init; } = true;

    /// <summary>After an unknown outcome the union counts until the entry has been read back.</summary>
    public bool ReadsBackUnknownOutcome { get; init; } = true;

    /// <summary>The in-sync set is never reduced below <c>minInSync</c>.</summary>
    public bool KeepsMinInSync { get; init; } = true;

    /// <summary>Only a learner that has caught up joins.</summary>
    public bool JoinsOnlyComplete { get; init; } = true;

    /// <summary>Before the term start is committed a learner has to hold all the primary holds: nobody knows yet how much of it is committed.</summary>
    public bool JoinsAtEndBeforeOpen { get; init; } = true;

    /// <summary>A log that the table lists, or that a later term counts on, is not given up at a primary's word.</summary>
    public bool KeepsListedLog { get; init; } = true;

    /// <summary>A read at the primary needs a current grant from every in-sync member.</summary>
    public bool ReadsNeedEveryGrant { get; init; } = true;

    /// <summary>A grant counts from the time the heartbeat was sent.</summary>
    public bool CountsGrantFromSend { get; init; } = true;

    /// <summary>A member enters a new term only after its grant has run out or was released.</summary>
    public bool WaitsForGrant { get; init; } = true;

    /// <summary>After a restart a member takes it that it had just given a grant.</summary>
    public bool AssumesGrantAfterRestart { get; init; } = true;

    /// <summary>A primary releases grants only once it answers no reads.</summary>
    public bool ReleasesOnlyWhenClosed { get; init; } = true;

    /// <summary>A backup asks its primary for the commit index before it answers.</summary>
    public bool BackupAsksPrimary { get; init; } = true;

    /// <summary>It answers from the log that it shares with that primary.</summary>
    public bool BackupNeedsSharedLog { get; init; } = true;

    /// <summary>The primary answers such a question only while it holds its grants.</summary>
    public bool ChecksGrantForBackup { get; init; } = true;

    /// <summary>A replica counts, and its grant does, only under the incarnation that the table lists.</summary>
    public bool CountsOnlyListedIncarnation { get; init; } = true;

    /// <summary>What a peer says counts only if it comes from the incarnation that is being fed.</summary>
    public bool HearsOnlyFedIncarnation { get; init; } = true;

    /// <summary>A primary that hears of a later term is none any more.</summary>
    public bool GivesUpPlace { get; init; } = true;

    /// <summary>Requests that were pending when the place was lost are dropped with it.</summary>
    public bool DropsPending { get; init; } = true;

    /// <summary>The place is handed over to an in-sync member only.</summary>
    public bool HandsOffOnlyInSync { get; init; } = true;

    /// <summary>Nobody outside the in-sync set is elected.</summary>
    public bool ElectsOnlyInSync { get; init; } = true;
}
