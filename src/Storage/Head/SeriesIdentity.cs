namespace Deucalion.Storage.Head;

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
