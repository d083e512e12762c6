using System.Buffers.Binary;

namespace Deucalion.Storage.Chunks;

/// <summary>Encoding bytes of the block format.</summary>
public static class ChunkEncoding
{
    /// <summary>Floats.</summary>
    public const byte Xor = 1;

    /// <summary>Histograms with integer counts.</summary>
    public const byte Histogram = 2;

    /// <summary>Histograms with float counts.</summary>
    public const byte FloatHistogram = 3;

    /// <summary>Floats with start timestamps.</summary>
    public const byte Xor2 = 4;

    /// <summary>Integer histograms with start timestamps.</summary>
    public const byte HistogramWithStart = 5;

    /// <summary>Float histograms with start timestamps.</summary>
    public const byte FloatHistogramWithStart = 6;

    /// <summary>Whether the encoding holds histograms.</summary>
    public static bool IsHistogram(byte encoding) =>
        encoding is Histogram or FloatHistogram or HistogramWithStart or FloatHistogramWithStart;

    /// <summary>Whether the encoding is one that this code reads.</summary>
    public static bool IsKnown(byte encoding) => encoding is >= Xor and <= FloatHistogramWithStart;

    /// <summary>Number of samples as the header of a chunk has it; fewer than two bytes are <see cref="CorruptChunkException"/>.</summary>
    public static int SampleCount(byte encoding, ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < 2)
        {
            throw new CorruptChunkException("a chunk is shorter than its header");
        }

        // Histogram chunks with start timestamps keep the counter reset flag in the upper two bits.
        var count = BinaryPrimitives.ReadUInt16BigEndian(chunk);
        return encoding is HistogramWithStart or FloatHistogramWithStart ? count & 0x3fff : count;
    }
}
