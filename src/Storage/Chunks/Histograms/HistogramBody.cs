using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>The values of the histogram that a chunk reader or writer stands at, without time and layout.</summary>
internal abstract class HistogramBody
{
    /// <summary>Whether the current sample is a stale marker.</summary>
    public abstract bool IsStale { get; }

    public abstract void ReadFirst(ref BitReader reader);

    public abstract void Read(ref BitReader reader);

    /// <summary>Copies counts, sum and buckets of the current sample.</summary>
    public abstract void Fill(FloatHistogram histogram);

    public abstract void WriteFirst(BitWriter writer, FloatHistogram histogram);

    public abstract void Write(BitWriter writer, FloatHistogram histogram);
}
