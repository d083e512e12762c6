namespace Deucalion.Storage.Head;

/// <summary>What a reader needs to copy a chunk, in one word: first unit (32 bits), bits behind the sample count (16), samples (8), encoding (8).</summary>
internal readonly record struct ChunkDescriptor(long Word)
{
    /// <summary>Most samples of a chunk, as in Prometheus.</summary>
    public const int MaxSamples = 120;

    public ChunkDescriptor(uint unit, int bits, int samples, byte encoding)
        : this((long)(((ulong)unit << 32) | ((ulong)(uint)bits << 16) | ((ulong)(uint)samples << 8) | encoding))
    {
    }

    public uint Unit => (uint)((ulong)Word >> 32);

    public int Bits => (int)(Word >> 16) & 0xffff;

    public int Samples => (int)(Word >> 8) & 0xff;

    public byte Encoding => (byte)Word;

    /// <summary>Bytes as a chunk of the block format, with its sample count.</summary>
    public int Length => 2 + ((Bits + 7) >> 3);
}
