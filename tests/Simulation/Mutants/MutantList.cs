using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.Mutants;

/// <summary>Every safety rule that has a switch, removed one at a time.</summary>
internal static class MutantList
{
    public static readonly IReadOnlyList<Mutant> All =
    [
        Core("RefusesMismatch", "4.2", "each append names the previous (term, seq, crc), and a backup refuses a mismatch", static r => r with { RefusesMismatch = false }),
        Core("RefusesOldTerms", "4.2", "obtains from each member a durable promise", static r => r with { RefusesOldTerms = false }),
        Core("PersistsTermFirst", "4.2", "term fsynced before the reply", static r => r with { PersistsTermFirst = false }),
        Core("ReportsOnlyDurable", "4.1", "durable means fdatasynced", static r => r with { ReportsOnlyDurable = false }),
        Core("ReportsOnlyMatched", "4.2", "lets members cut their uncommitted excess", static r => r with { ReportsOnlyMatched = false }),
        Core("CommitNeedsEveryMember", "4.2", "the commit index is the highest seq durable on all in-sync members", static r => r with { CommitNeedsEveryMember = false }),
        Core("AppliesOnlyCommitted", "4.2", "every replica, the primary too, feeds its head only with committed records", static r => r with { AppliesOnlyCommitted = false }),
        Core("AppliesBeforeAcknowledging", "4.2", "a batch is applied before it is acknowledged", static r => r with { AppliesBeforeAcknowledging = false }),
        Core("AcknowledgesAtLogEnd", "4.2", "even if it appended nothing: a retry of a pending sample must wait like the first try", static r => r with { AcknowledgesAtLogEnd = false }),
        Core("TakesNewTerm", "4.2", "a process never appends in a term that it found in the table", static r => r with { TakesNewTerm = false }),
        Core("OpensOnlyListedIncarnation", "4.2", "a missing log is never an empty log", static r => r with { OpensOnlyListedIncarnation = false }),
        Core("OpensAfterTermStart", "4.2", "appends term start, obtains promises, lets members cut, and opens", static r => r with { OpensAfterTermStart = false }),
        Core("OpensOnlyWithMinInSync", "4.2", "below minInSync writes wait or get 503", static r => r with { OpensOnlyWithMinInSync = false }),
        Core("StartsOverBelowCommit", "4.2", "a log is never cut back below the commit index; it starts over with a new incarnation", static r => r with { StartsOverBelowCommit = false }),
        Core("KeepsRemovedUntilConfirmed", "4.2", "after a removal the old one's acknowledgement is required until the CAS is confirmed", static r => r with { KeepsRemovedUntilConfirmed = false }),
        Core("RequiresAddedBeforeSent", "4.2", "from before an addition is sent the new member's acknowledgement is required", static r => r with { RequiresAddedBeforeSent = false }),
        Core("ReadsBackUnknownOutcome", "4.2", "an unknown outcome keeps the union until the entry has been read back", static r => r with { ReadsBackUnknownOutcome = false }),
        Core("KeepsMinInSync", "4.2", "inSync is never shrunk below minInSync", static r => r with { KeepsMinInSync = false }),
        Core("JoinsOnlyComplete", "4.2", "leave only by exchange for a learner that holds all the primary holds", static r => r with { JoinsOnlyComplete = false }),
        Core("JoinsAtEndBeforeOpen", "4.2", "the same: nobody knows before the term start is committed how much of the log is", static r => r with { JoinsAtEndBeforeOpen = false }),
        Core("KeepsListedLog", "4.2", "its own log is authoritative: it is not given up for a checkpoint of a former term", static r => r with { KeepsListedLog = false }),
        Core("CountsOnlyListedIncarnation", "4.2", "a replica whose incarnation is not listed can come back only as a learner", static r => r with { CountsOnlyListedIncarnation = false }),
        Core("HearsOnlyFedIncarnation", "4.2", "the same: what it said under another incarnation is not about this log", static r => r with { HearsOnlyFedIncarnation = false }),
        Core("GivesUpPlace", "4.2", "term rises when the primary changes: one of an older term is none", static r => r with { GivesUpPlace = false }),
        Core("DropsPending", "4.2", "a primary that loses its place just drops what is pending", static r => r with { DropsPending = false }),
        Core("HandsOffOnlyInSync", "4.2", "hand-off: another in-sync replica becomes primary", static r => r with { HandsOffOnlyInSync = false }),
        Core("ElectsOnlyInSync", "4.2", "nobody outside inSync is ever elected", static r => r with { ElectsOnlyInSync = false }),
        Core("ReadsNeedEveryGrant", "4.2", "a current grant from every in-sync member", static r => r with { ReadsNeedEveryGrant = false }),
        Core("CountsGrantFromSend", "4.2", "counted from the send time of the heartbeat", static r => r with { CountsGrantFromSend = false }),
        Around("ChecksGrantBeforeSnapshot", "4.2", "reads are answered by the primary while it holds its grants: what a backup's head holds is no answer, even if it leads before it answers", static r => r with { ChecksGrantBeforeSnapshot = false }),
        Around("ChecksGrantAfterSnapshot", "4.2", "checked after the head snapshot is taken", static r => r with { ChecksGrantAfterSnapshot = false }),
        Around("PublishesBeforeEffects", "4.2", "released means that no read is answered under the grant any more, in any thread", static r => r with { PublishesBeforeEffects = false }),
        Core("WaitsForGrant", "4.2", "a member enters a new term only after its own grant to the old primary has run out or was released", static r => r with { WaitsForGrant = false }),
        Core("AssumesGrantAfterRestart", "4.2", "the same, when the member has forgotten its grant in a restart", static r => r with { AssumesGrantAfterRestart = false }),
        Core("ReleasesOnlyWhenClosed", "4.2", "the same: released means that no read is answered under it any more", static r => r with { ReleasesOnlyWhenClosed = false }),
        Core("BackupAsksPrimary", "4.2", "a backup may answer after it has fetched (term, commit index) from the primary", static r => r with { BackupAsksPrimary = false }),
        Core("BackupNeedsSharedLog", "4.2", "the same: and applied up to it, in the primary's log", static r => r with { BackupNeedsSharedLog = false }),
        Core("ChecksGrantForBackup", "4.2", "the same: the primary tells it only while it holds its grants", static r => r with { ChecksGrantForBackup = false }),
        Around("RenewsIncarnation", "4.2", "the incarnation is renewed when the log is created, salvaged, found corrupt", static r => r with { RenewsIncarnation = false }),
        Around("RenewsAfterUncleanStop", "4.1", "with interval or never an unclean stop renews the incarnation", static r => r with { RenewsAfterUncleanStop = false }),
        Around("SyncsDirectory", "4.1", "a checkpoint is one atomic file (temporary, fsync, rename, directory fsync)", static r => r with { SyncsDirectory = false }),
        Around("WritesKindsInEffect", "4.1", "a new kind is written only when every member's protocol version knows it", static r => r with { WritesKindsInEffect = false }),
        Around("ReadsKindsBeforeTheyAreWritten", "4.1", "the same, with nodes that go back by one version", static r => r with { ReadsKindsBeforeTheyAreWritten = false }),
        Around("JoinsOnlyNeighbours", "4.3", "neighbouring versions work together, by the protocol version in the membership record", static r => r with { JoinsOnlyNeighbours = false }),
        Around("RefusesUnknownKinds, WritesKindsInEffect", "4.1", "an unknown kind stops the replica", static r => r with { RefusesUnknownKinds = false, WritesKindsInEffect = false }) with
        {
            // The other one alone is a row of its own.
            Alone = [Around("RefusesUnknownKinds", "4.1", "", static r => r with { RefusesUnknownKinds = false })],
        },
        Around("TableIsConditional", "4.3", "two coordinators at once are harmless: every action is one CAS on one partition's entry", static r => r with { TableIsConditional = false }),
        Around("ManifestIsConditional", "5", "the manifest is one document changed by CAS", static r => r with { ManifestIsConditional = false }),
        Around("TruncatesAfterManifest", "5", "a block exists for readers only through the manifest; then logs truncate", static r => r with { TruncatesAfterManifest = false }),
        Around("TruncatesOnlyNamed", "5", "truncate(generation, ULID, dropped refs)", static r => r with { TruncatesOnlyNamed = false }),
        Around("LateSamplesOpenNextGeneration", "5", "later samples for that window open the next generation", static r => r with { LateSamplesOpenNextGeneration = false }),
        Around("BackupsDecideNothing", "5", "backups decide nothing by themselves", static r => r with { BackupsDecideNothing = false }),
        Around("ReaderNeedsTruncated", "5", "the querier must hold, or refresh to, a manifest with those or their successors, else it errs", static r => r with { ReaderNeedsTruncated = false }),
        Around("CompactionSwapsAtOnce", "5", "compaction swaps sources for result in one CAS", static r => r with { CompactionSwapsAtOnce = false }),
        Around("OrphansWait", "5", "orphaned uploads are removed after a delay", static r => r with { OrphansWait = false }),
        Around("SourcesWait, MissingObjectMeansRetry", "5", "sources are deleted only after manifest lifetime plus the longest query; a missing object means refresh and retry", static r => r with { SourcesWait = false, MissingObjectMeansRetry = false }) with
        {
            Alone =
            [
                Around("SourcesWait", "5", "", static r => r with { SourcesWait = false }),
                Around("MissingObjectMeansRetry", "5", "", static r => r with { MissingObjectMeansRetry = false }),
            ],
        },
    ];

    private static Mutant Core(string rule, string section, string sentence, Func<ProtocolRules, ProtocolRules> change) =>
        new(rule, section, sentence, change(ProtocolRules.All), WorldRules.All);

    private static Mutant Around(string rule, string section, string sentence, Func<WorldRules, WorldRules> change) =>
        new(rule, section, sentence, ProtocolRules.All, change(WorldRules.All));
}
