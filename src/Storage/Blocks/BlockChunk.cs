namespace Deucalion.Storage.Blocks;

/// <summary>A chunk on its way into a block: times are those of its first and last sample.</summary>
public readonly ref struct BlockChunk(byte encoding, long minTime, long maxTime, ReadOnlySpan<byte> data)
{
    /// <summary>Encoding byte.</summary>
    public byte Encoding { get; } = encoding;

    /// <summary>First sample, Unix milliseconds.</summary>
    public long MinTime { get; } = minTime;

    /// <summary>Last sample, inclusive.</summary>
    public long MaxTime { get; } = maxTime;

    /// <summary>The complete chunk, its sample count included.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}
