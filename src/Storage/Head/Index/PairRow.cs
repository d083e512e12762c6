namespace Deucalion.Storage.Head.Index;

/// <summary>A label pair of the head: its text (owned by the symbols it refers to) and the series that have it.</summary>
internal unsafe struct PairRow
{
    public byte* Name;
    public byte* Value;
    public int NameLength;
    public int ValueLength;
    public int NameSymbol;
    public int ValueSymbol;

    /// <summary>
    /// Lower half: number of series. Upper half: the ref itself where there is one, else the block of refs, whose capacity follows from the
    /// number. Refs are in no order. Replaced as a whole.
    /// </summary>
    public long Postings;

    /// <summary>Number of series.</summary>
    public readonly int Count => (int)Postings;

    public readonly bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        new ReadOnlySpan<byte>(Value, ValueLength).SequenceEqual(value) && new ReadOnlySpan<byte>(Name, NameLength).SequenceEqual(name);
}
