using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>Histograms with float counts: each number is written as the change to its last value.</summary>
internal sealed class FloatHistogramBody(HistogramLayout layout) : HistogramBody
{
    private readonly XorField[] _positive = new XorField[HistogramLayout.BucketCount(layout.PositiveSpans)];
    private readonly XorField[] _negative = new XorField[HistogramLayout.BucketCount(layout.NegativeSpans)];
    private XorField _count;
    private XorField _zeroCount;
    private XorField _sum;

    public override bool IsStale => _sum.Bits == SpecialValues.StaleNaNBits;

    public override void ReadFirst(ref BitReader reader)
    {
        _count.ReadFirst(ref reader);
        _zeroCount.ReadFirst(ref reader);
        _sum.ReadFirst(ref reader);
        foreach (ref var bucket in _positive.AsSpan())
        {
            bucket.ReadFirst(ref reader);
        }

        foreach (ref var bucket in _negative.AsSpan())
        {
            bucket.ReadFirst(ref reader);
        }
    }

    public override void Read(ref BitReader reader)
    {
        _count.Read(ref reader);
        _zeroCount.Read(ref reader);
        _sum.Read(ref reader);
        if (IsStale)
        {
            return;
        }

        foreach (ref var bucket in _positive.AsSpan())
        {
            bucket.Read(ref reader);
        }

        foreach (ref var bucket in _negative.AsSpan())
        {
            bucket.Read(ref reader);
        }
    }

    public override void Fill(FloatHistogram histogram)
    {
        histogram.Count = _count.Value;
        histogram.ZeroCount = _zeroCount.Value;
        histogram.Sum = _sum.Value;
        histogram.PositiveBuckets = Values(_positive);
        histogram.NegativeBuckets = Values(_negative);
    }

    public override void WriteFirst(BitWriter writer, FloatHistogram histogram)
    {
        _count.WriteFirst(writer, histogram.Count);
        _zeroCount.WriteFirst(writer, histogram.ZeroCount);
        _sum.WriteFirst(writer, histogram.Sum);
        for (var i = 0; i < _positive.Length; i++)
        {
            _positive[i].WriteFirst(writer, histogram.PositiveBuckets[i]);
        }

        for (var i = 0; i < _negative.Length; i++)
        {
            _negative[i].WriteFirst(writer, histogram.NegativeBuckets[i]);
        }
    }

    public override void Write(BitWriter writer, FloatHistogram histogram)
    {
        if (SpecialValues.IsStaleNaN(histogram.Sum))
        {
            _count.Write(writer, 0);
            _zeroCount.Write(writer, 0);
            _sum.Write(writer, histogram.Sum);
            return;
        }

        _count.Write(writer, histogram.Count);
        _zeroCount.Write(writer, histogram.ZeroCount);
        _sum.Write(writer, histogram.Sum);
        for (var i = 0; i < _positive.Length; i++)
        {
            _positive[i].Write(writer, histogram.PositiveBuckets[i]);
        }

        for (var i = 0; i < _negative.Length; i++)
        {
            _negative[i].Write(writer, histogram.NegativeBuckets[i]);
        }
    }

    private static double[] Values(XorField[] fields) => fields.Length == 0 ? [] : Array.ConvertAll(fields, static f => f.Value);
}
