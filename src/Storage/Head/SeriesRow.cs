using System.Runtime.InteropServices;

namespace Deucalion.Storage.Head;

/// <summary>
/// What appending to a series touches: one cache line. The staged fields are the view of the primary, which runs ahead of what has been
/// committed and applied; without pending samples they equal the applied ones. Written by the head's writer only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeriesRow
{
    /// <summary>Newest sample applied; long.MinValue before the first.</summary>
    public long LastTime;

    /// <summary>Its value's bits, or the identity of a histogram (see <see cref="SampleIdentity"/>); 0 before the first.</summary>
    public ulong LastBits;

    /// <summary>Newest sample staged.</summary>
    public long StagedTime;

    /// <summary>Its value's bits, or identity.</summary>
    public ulong StagedBits;

    /// <summary>Samples staged and not yet applied.</summary>
    public int Pending;

    /// <summary>Newest chunk of the series, the head of its list; 0 without chunks. Read by readers.</summary>
    public int FirstChunk;

    /// <summary>The chunk that in-order samples are appended to; 0 where the next one starts a chunk.</summary>
    public int OpenChunk;

    /// <summary>The open chunk's last unit.</summary>
    public uint TailUnit;

    /// <summary>The open chunk's last interval in milliseconds.</summary>
    public int Delta;

    /// <summary>Bits used of the last unit.</summary>
    public short TailBits;

    /// <summary>XOR window: leading zeros.</summary>
    public byte Leading;

    /// <summary>XOR window: significant bits, 0 without a window.</summary>
    public byte Significant;

    /// <summary>XOR window: trailing zeros.</summary>
    public byte Trailing;

    /// <summary>Whether the newest sample applied is a histogram.</summary>
    public bool LastIsHistogram;

    /// <summary>Whether the newest sample staged is a histogram.</summary>
    public bool StagedIsHistogram;

    /// <summary>Free, live or about to be dropped.</summary>
    public SeriesState State;
}

/// <summary>State of a ref.</summary>
internal enum SeriesState : byte
{
    /// <summary>Not in use.</summary>
    Free = 0,

    /// <summary>A series.</summary>
    Live = 1,

    /// <summary>A series whose drop has been staged: new samples of its labels start another series.</summary>
    Dropping = 2,
}
