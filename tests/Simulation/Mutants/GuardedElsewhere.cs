namespace Deucalion.Simulation.Mutants;

/// <summary>Safety rules that lie below what the simulator models, and the tests that show them.</summary>
internal static class GuardedElsewhere
{
    public static readonly IReadOnlyList<(string Section, string Sentence, string Test)> All =
    [
        ("4.1", "damage above the last synced mark is a torn tail and is cut", "`Common.Tests` `JournalDamageTests.CutsTheTail_WhereverTheLastRoundsWereTorn`, `.CutsTheTail_WhicheverByteOfTheLastRoundIsWrong`"),
        ("4.1", "damage at or below the mark is corruption", "`Common.Tests` `JournalDamageTests.ReportsDamage_WhicheverByteBelowTheMarkIsWrong`, `.ReportsASegmentThatEndsBelowTheMark`"),
        ("4.1", "a failed sync ends the use of that journal file until it has been reopened and verified", "`Common.Tests` `JournalTests.FailsForGood_WhenASyncFails`, `Ingester.Tests` `IngesterTests.WritesFailRetryablyAndReadsGoOn_WhenASyncFails_ThenItRecoversByItself`"),
        ("4.1", "a checkpoint is one atomic file: synced before it is renamed", "`Common.Tests` `CheckpointTests.IsTheOldOrTheNewOne_AtAnyPowerLoss`"),
        ("4.2", "each append names the previous (term, seq, crc): the checksum is part of the name", "`Replication.Tests` `LogIndexTests.HoldsNothingOfTheSameTermAndSeq_WithAnotherChecksum`, `ReplicaMessageCodecFuzz.RefusesRecords_WhenAnyBitOfThemIsWrong`"),
        ("5", "truncate names dropped refs: they are free for other series", "`Storage.Tests` `TenantHeadTests.ReusesRefs_AfterTheirSeriesWereDropped`"),
        ("5", "a block is written under a new ULID, each attempt its own", "`Ingester.Tests` `ShipperTests.AnUploadThatWasNotListedIsRepeatedUnderANewName`"),
        ("5", "listing never adopts blocks", "`Ingester.Tests` `ShipperTests.AnUploadThatWasNotListedIsRepeatedUnderANewName`, `Compactor.Tests` `RetentionRunTests.AnUploadThatNoManifestListsIsDeleted_OnceItIsTooOldToBeListed`"),
    ];
}
