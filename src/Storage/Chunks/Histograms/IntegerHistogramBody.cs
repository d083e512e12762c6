using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>
/// Histograms with integer counts: numbers are written as changes of their changes; buckets are differences to the bucket before, the first
/// absolute.
/// </summary>
internal sealed class IntegerHistogramBody(HistogramLayout layout) : HistogramBody
{
    private readonly Number[] _positive = new Number[HistogramLayout.BucketCount(layout.PositiveSpans)];
    private readonly Number[] _negative = new Number[HistogramLayout.BucketCount(layout.NegativeSpans)];
    private readonly long[] _changes = new long[Math.Max(HistogramLayout.BucketCount(layout.PositiveSpans), HistogramLayout.BucketCount(layout.NegativeSpans))];
    private Number _count;
    private Number _zeroCount;
    private XorField _sum;

    public override bool IsStale => _sum.Bits == SpecialValues.StaleNaNBits;

    public override void ReadFirst(ref BitReader reader)
    {
        _count.Value = (long)reader.VarbitUint();
        _zeroCount.Value = (long)reader.VarbitUint();
        _sum.ReadFirst(ref reader);
        foreach (ref var bucket in _positive.AsSpan())
        {
            bucket.Value = reader.VarbitInt();
        }

        foreach (ref var bucket in _negative.AsSpan())
        {
            bucket.Value = reader.VarbitInt();
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

        Read(ref reader, _positive);
        Read(ref reader, _negative);
    }

    public override void Fill(FloatHistogram histogram)
    {
        histogram.Count = (ulong)_count.Value;
        histogram.ZeroCount = (ulong)_zeroCount.Value;
        histogram.Sum = _sum.Value;
        histogram.PositiveBuckets = Absolute(_positive);
        histogram.NegativeBuckets = Absolute(_negative);
    }

    public override void WriteFirst(BitWriter writer, FloatHistogram histogram)
    {
        _count.Value = (long)histogram.Count;
        _zeroCount.Value = (long)histogram.ZeroCount;
        writer.VarbitUint((ulong)_count.Value);
        writer.VarbitUint((ulong)_zeroCount.Value);
        _sum.WriteFirst(writer, histogram.Sum);
        WriteFirst(writer, _positive, histogram.PositiveBuckets);
        WriteFirst(writer, _negative, histogram.NegativeBuckets);
    }

    public override void Write(BitWriter writer, FloatHistogram histogram)
    {
        if (SpecialValues.IsStaleNaN(histogram.Sum))
        {
            // Counts go on changing as they did, which nobody looks at.
            writer.Bits(0, 2);
            _sum.Write(writer, histogram.Sum);
            return;
        }

        _count.Write(writer, (long)histogram.Count);
        _zeroCount.Write(writer, (long)histogram.ZeroCount);
        _sum.Write(writer, histogram.Sum);
        Write(writer, _positive, histogram.PositiveBuckets);
        Write(writer, _negative, histogram.NegativeBuckets);
    }

    private void Read(ref BitReader reader, Number[] buckets)
    {
        var changes = _changes.AsSpan(0, buckets.Length);
        reader.VarbitInts(changes);
        for (var i = 0; i < changes.Length; i++)
        {
            buckets[i].Move(changes[i]);
        }
    }

    private static double[] Absolute(Number[] differences)
    {
        if (differences.Length == 0)
        {
            return [];
        }

        var result = new double[differences.Length];
        var sum = 0L;
        for (var i = 0; i < result.Length; i++)
        {
            sum += differences[i].Value;
            result[i] = sum;
        }

        return result;
    }

    private static void WriteFirst(BitWriter writer, Number[] buckets, double[] counts)
    {
        var previous = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            var count = (long)counts[i];
            buckets[i].Value = count - previous;
            writer.VarbitInt(buckets[i].Value);
            previous = count;
        }
    }

    private static void Write(BitWriter writer, Number[] buckets, double[] counts)
    {
        var previous = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            var count = (long)counts[i];
            buckets[i].Write(writer, count - previous);
            previous = count;
        }
    }

    private struct Number
    {
        public long Value;
        private long _change;

        public void Read(ref BitReader reader) => Move(reader.VarbitInt());

        public void Move(long changeOfChange)
        {
            _change += changeOfChange;
            Value += _change;
        }

        public void Write(BitWriter writer, long value)
        {
            var change = value - Value;
            writer.VarbitInt(change - _change);
            _change = change;
            Value = value;
        }
    }
}
