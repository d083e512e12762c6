using System.Buffers.Binary;
using Deucalion.Storage.Chunks;

namespace Deucalion.Storage.Head;

/// <summary>
/// What a reader needs to copy a chunk, in one word: first unit (32 bits), bits behind the sample count (19), counter reset flag of a histogram chunk
/// whose sample count carries it (2), samples (7), encoding (4).
/// </summary>
internal readonly record struct ChunkDescriptor(long Word)
{
    /// <summary>Most samples of a chunk, as in Prometheus.</summary>
    public const int MaxSamples = 120;

    /// <summary>Most bits behind the sample count.</summary>
    public const int MaxBits = (1 << 19) - 1;

    private const int BitsShift = 13;
    private const int FlagShift = 11;
    private const int SamplesShift = 4;

    public ChunkDescriptor(uint unit, int bits, int samples, byte encoding, byte flag = 0)
        : this((long)(((ulong)unit << 32) | ((ulong)(uint)bits << BitsShift) | ((ulong)(uint)(flag >> 6) << FlagShift)
            | ((ulong)(uint)samples << SamplesShift) | encoding))
    {
    }

    public uint Unit => (uint)((ulong)Word >> 32);

    public int Bits => (int)(Word >> BitsShift) & MaxBits;

    /// <summary>The flag in the upper two bits of a byte; 0 where the chunk's own bytes hold it.</summary>
    public byte Flag => (byte)((Word >> FlagShift & 3) << 6);

    public int Samples => (int)(Word >> SamplesShift) & 0x7f;

    public byte Encoding => (byte)(Word & 0xf);

    /// <summary>Bytes as a chunk of the block format, with its sample count.</summary>
    public int Length => 2 + ((Bits + 7) >> 3);

    /// <summary>The same chunk with a sample more.</summary>
    public ChunkDescriptor Longer(int bits) => new(Word + ((long)bits << BitsShift) + (1L << SamplesShift));

    /// <summary>Writes what stands in front of the chunk's bits.</summary>
    public void WriteCount(Span<byte> destination) => BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)((Flag << 8) | Samples));

    /// <summary>Whether the encoding keeps the counter reset flag with the sample count.</summary>
    public static bool HoldsFlag(byte encoding) => encoding is ChunkEncoding.HistogramWithStart or ChunkEncoding.FloatHistogramWithStart;
}
