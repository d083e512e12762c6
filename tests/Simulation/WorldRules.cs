namespace Deucalion.Simulation;

/// <summary>Safety rules that lie outside the protocol core: in its drivers, the disk format, the coordinator's store, and in shipping (section 5).</summary>
internal sealed record WorldRules
{
    public static readonly WorldRules All = new();

    /// <summary>A log that lost something gets a new incarnation.</summary>
    public bool RenewsIncarnation { get; init; } = true;

    /// <summary>A log that was not synced gets a new incarnation after an unclean stop.</summary>
    public bool RenewsAfterUncleanStop { get; init; } = true;

    /// <summary>A checkpoint counts, and records are released, only after the directory was synced.</summary>
    public bool SyncsDirectory { get; init; } = true;

    /// <summary>A read at the primary begins only while it holds its grants: the head that is then read has everything.</summary>
    public bool ChecksGrantBeforeSnapshot { get; init; } = true;

    /// <summary>Grants are checked again after the snapshot was taken: the log may have been lost meanwhile, and its head with it.</summary>
    public bool ChecksGrantAfterSnapshot { get; init; } = true;

    /// <summary>Readers are told that a primary closes before anybody else is.</summary>
    public bool PublishesBeforeEffects { get; init; } = true;

    /// <summary>A kind of record is written only while the version that adds it is in effect: all live nodes speak it.</summary>
    public bool WritesKindsInEffect { get; init; } = true;

    /// <summary>A kind is read by the version before the one that writes it, so that the way back by one version is open.</summary>
    public bool ReadsKindsBeforeTheyAreWritten { get; init; } = true;

    /// <summary>A program starts only beside versions that it has one in common with.</summary>
    public bool JoinsOnlyNeighbours { get; init; } = true;

    /// <summary>A replica that meets a kind that it does not know stops.</summary>
    public bool RefusesUnknownKinds { get; init; } = true;

    /// <summary>The table is changed by compare-and-swap, not by plain writes.</summary>
    public bool TableIsConditional { get; init; } = true;

    /// <summary>The manifest is changed by compare-and-swap.</summary>
    public bool ManifestIsConditional { get; init; } = true;

    /// <summary>Truncate is logged after the manifest lists the block.</summary>
    public bool TruncatesAfterManifest { get; init; } = true;

    /// <summary>A truncate drops the generation it names and nothing else.</summary>
    public bool TruncatesOnlyNamed { get; init; } = true;

    /// <summary>Samples after a cut belong to the next generation.</summary>
    public bool LateSamplesOpenNextGeneration { get; init; } = true;

    /// <summary>Backups drop nothing by themselves.</summary>
    public bool BackupsDecideNothing { get; init; } = true;

    /// <summary>A reader needs a manifest that knows what the head says it truncated.</summary>
    public bool ReaderNeedsTruncated { get; init; } = true;

    /// <summary>Compaction swaps sources for the result in one step.</summary>
    public bool CompactionSwapsAtOnce { get; init; } = true;

    /// <summary>Uploads that no manifest lists are removed only after a delay.</summary>
    public bool OrphansWait { get; init; } = true;

    /// <summary>Sources of a compaction stay until no reader can still know them.</summary>
    public bool SourcesWait { get; init; } = true;

    /// <summary>A missing object means: refresh the manifest and read again.</summary>
    public bool MissingObjectMeansRetry { get; init; } = true;
}
