using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Storage.Chunks;

/// <summary>Decodes a chunk of any known encoding.</summary>
public static class ChunkDecoder
{
    /// <summary>
    /// Adds the samples with minTime ≤ time ≤ maxTime to the buffer, behind those that are there. Damage and unknown encodings are
    /// <see cref="CorruptChunkException"/>; the buffer may then hold a part.
    /// </summary>
    public static void Decode(byte encoding, ReadOnlySpan<byte> chunk, long minTime, long maxTime, SampleBuffer buffer)
    {
        switch (encoding)
        {
            case ChunkEncoding.Xor:
                XorChunk.Decode(chunk, minTime, maxTime, buffer);
                break;
            case ChunkEncoding.Xor2:
                Xor2Chunk.Decode(chunk, minTime, maxTime, buffer);
                break;
            case ChunkEncoding.Histogram or ChunkEncoding.FloatHistogram
                or ChunkEncoding.HistogramWithStart or ChunkEncoding.FloatHistogramWithStart:
                HistogramChunk.Decode(encoding, chunk, minTime, maxTime, buffer);
                break;
            default:
                throw new CorruptChunkException($"chunk encoding {encoding} is not known");
        }
    }
}
