namespace Deucalion.Storage.Head;

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
