namespace Deucalion.Common.Contracts;

/// <summary>
/// Kinds of log records. A number is never reused. Kinds below 64 belong to the partition's state (their payload starts with the tenant as
/// uvarint length + UTF-8), those from 64 to the protocol. A replica that meets an unknown kind stops.
/// </summary>
public enum RecordKind : byte
{
    /// <summary>Series definitions: ref → labels.</summary>
    Series = 1,

    /// <summary>Float samples, columnar.</summary>
    Samples = 2,

    /// <summary>Native histogram samples.</summary>
    Histograms = 3,

    /// <summary>Exemplars.</summary>
    Exemplars = 4,

    /// <summary>Metric metadata.</summary>
    Metadata = 5,

    /// <summary>Deletion of series or ranges.</summary>
    Delete = 6,

    /// <summary>Seals a generation of a window.</summary>
    Cut = 7,

    /// <summary>A sealed generation has become a published block.</summary>
    Truncate = 8,

    /// <summary>A primary opened a term.</summary>
    TermStart = 64,

    /// <summary>A replica's durable position in another log.</summary>
    ReplicationPosition = 65,
}
