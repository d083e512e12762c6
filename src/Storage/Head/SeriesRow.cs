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

    /// <summary>Its value's bits; 0 before the first.</summary>
    public ulong LastBits;

    /// <summary>Newest sample staged.</summary>
    public long StagedTime;

    /// <summary>Its value's bits.</summary>
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

    /// <summary>Free, live or about to be dropped.</summary>
    public SeriesState State;
}

/// <summary>Who a series is. Written when its definition is applied and when it is dropped.</summary>
internal struct SeriesIdentity
{
    /// <summary>Routing hash of its labels.</summary>
    public ulong Hash;

    /// <summary>Where its label pairs are: ids in the head's pair table, in order of names.</summary>
    public uint Pairs;

    /// <summary>Number of label pairs.</summary>
    public int PairCount;

    /// <summary>Counts the uses of the ref; a reader compares it to tell a reused ref.</summary>
    public int Generation;
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

/// <summary>One chunk of a series; the next older one of the list follows. The descriptor is replaced as a whole, never in parts.</summary>
internal struct ChunkSlot
{
    /// <summary>See <see cref="ChunkDescriptor"/>.</summary>
    public long Descriptor;

    /// <summary>Oldest sample.</summary>
    public long MinTime;

    /// <summary>Newest sample; a reader beside the writer may see one newer than its copy of the chunk.</summary>
    public long MaxTime;

    /// <summary>Next older chunk of the series, 0 at the end.</summary>
    public int Next;

    /// <summary>Index of the generation, shifted left by one; the lowest bit marks chunks of out-of-order samples.</summary>
    public int Owner;
}
