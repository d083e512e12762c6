namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>What a log of Prometheus holds besides samples.</summary>
internal enum WalSkip
{
    /// <summary>An exemplar.</summary>
    Exemplar,

    /// <summary>Type, unit and help of a series' metric.</summary>
    Metadata,

    /// <summary>The place of a head chunk.</summary>
    ChunkMarker,

    /// <summary>A histogram of a schema that has no meaning here.</summary>
    UnknownSchema,

    /// <summary>A record of a type that is not known.</summary>
    UnknownRecord,
}
