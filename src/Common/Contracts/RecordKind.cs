namespace Deucalion.Common.Contracts;

/// <summary>
/// Kinds of log records. A number is never reused. Kinds below 64 belong to the partition's state (their payload starts with the tenant as
/// uvarint length + UTF-8), those from 64 to the protocol. Kinds from 66 to 95 are notes: they stand in the journal of one replica alone, take no seq of
/// the log, and name the seq of its end (or what they say). A replica that meets an unknown kind stops, except for notes from 80 on, which may be passed over.
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

    /// <summary>Deletion of a tenant: all that came before it; or that the manifest shows one.</summary>
    Delete = 6,

    /// <summary>Seals a generation of a window.</summary>
    Cut = 7,

    /// <summary>A sealed generation has become a published block.</summary>
    Truncate = 8,

    /// <summary>A primary opened a term.</summary>
    TermStart = 64,

    /// <summary>A replica's durable position in another log.</summary>
    ReplicationPosition = 65,

    /// <summary>Note: the replica has entered the term in the header; payload: its primary's node (16 bytes).</summary>
    TermEntered = 66,

    /// <summary>Note: the log ends at the seq in the header; what stood behind it does not count.</summary>
    CutBack = 67,

    /// <summary>Note: the log begins anew, empty, under another incarnation; nothing before it counts.</summary>
    StartedOver = 68,

    /// <summary>Note: everything up to the seq in the header is known to be committed. Need not be durable.</summary>
    Committed = 69,
}

/// <summary>Properties of kinds.</summary>
public static class RecordKinds
{
    /// <summary>Whether it is a note of one replica's journal: it takes no seq and is no part of the log.</summary>
    public static bool IsNote(this RecordKind kind) => (byte)kind is >= 66 and <= 95;

    /// <summary>Whether it is a note that a program which does not know it passes over: it makes something quicker, and nothing depends on it.</summary>
    public static bool IsHint(this RecordKind kind) => (byte)kind is >= 80 and <= 95;

    /// <summary>Whether it belongs to the partition's state, and is applied to it.</summary>
    public static bool IsState(this RecordKind kind) => (byte)kind < 64;

    /// <summary>Whether this program knows what it means.</summary>
    public static bool IsKnown(this RecordKind kind) =>
        (byte)kind is (>= (byte)RecordKind.Series and <= (byte)RecordKind.Truncate) or (>= (byte)RecordKind.TermStart and <= (byte)RecordKind.Committed);

    /// <summary>
    /// Version of the protocol between nodes that a cluster has to have in effect before it is written: one later than the first that reads it, so that the
    /// version before can still be gone back to. A kind that is not known is never written.
    /// </summary>
    public static int WrittenSince(this RecordKind kind) => kind.IsKnown() ? 1 : int.MaxValue;
}
