namespace Deucalion.Storage.Head.Checkpoints;

/// <summary>A checkpoint is a sequence of frames: 4 bytes length, lowest first, of what follows; a kind; a payload of whole items.</summary>
internal enum CheckpointFrame : byte
{
    /// <summary>Version, counters, free refs.</summary>
    Header = 1,

    /// <summary>Generations and recent truncations.</summary>
    Generations = 2,

    /// <summary>Series with their chunks.</summary>
    Series = 3,

    /// <summary>Metadata, as in a metadata record.</summary>
    Metadata = 4,

    /// <summary>Nothing follows.</summary>
    End = 5,

    /// <summary>Exemplars, as in an exemplars record. From version 2 on.</summary>
    Exemplars = 6,
}
