using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks.Histograms;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Native histograms as the records of a log of Prometheus hold them.</summary>
internal static class WalHistogram
{
    /// <summary>Reads a histogram whole; null where its schema has no meaning here. A schema that is too fine is made coarser.</summary>
    public static FloatHistogram? Read(ref ByteReader reader, bool integer)
    {
        var histogram = new FloatHistogram { IsInteger = integer, CounterResetHint = (CounterResetHint)(reader.Byte() & 3) };
        var schema = reader.Varint();
        histogram.ZeroThreshold = Double(ref reader);
        histogram.ZeroCount = integer ? reader.Uvarint() : Double(ref reader);
        histogram.Count = integer ? reader.Uvarint() : Double(ref reader);
        histogram.Sum = Double(ref reader);
        histogram.PositiveSpans = Spans(ref reader);
        histogram.NegativeSpans = Spans(ref reader);
        histogram.PositiveBuckets = Buckets(ref reader, histogram.PositiveSpans, integer);
        histogram.NegativeBuckets = Buckets(ref reader, histogram.NegativeSpans, integer);
        if (schema == FloatHistogram.CustomBucketsSchema)
        {
            histogram.CustomValues = Doubles(ref reader, reader.Count(sizeof(double)));
        }
        else if (schema is < HistogramSchema.Min or > HistogramSchema.MaxStored)
        {
            return null;
        }

        histogram.Schema = (int)schema;
        HistogramSchema.Reduce(histogram);
        return histogram;
    }

    private static double Double(ref ByteReader reader) => BitConverter.UInt64BitsToDouble(reader.UInt64());

    private static HistogramSpan[] Spans(ref ByteReader reader)
    {
        var count = reader.Count(2);
        var spans = count == 0 ? [] : new HistogramSpan[count];
        for (var i = 0; i < count; i++)
        {
            var offset = reader.Varint();
            if (offset is < int.MinValue or > int.MaxValue)
            {
                throw new CorruptBlockException("a span of a histogram is out of range");
            }

            spans[i] = new HistogramSpan((int)offset, reader.Uvarint32());
        }

        return spans;
    }

    private static double[] Buckets(ref ByteReader reader, HistogramSpan[] spans, bool integer)
    {
        var wanted = 0L;
        foreach (var span in spans)
        {
            wanted += span.Length;
        }

        var count = reader.Count(integer ? 1 : sizeof(double));
        if (count != wanted)
        {
            throw new CorruptBlockException($"a histogram has {count} buckets in spans of {wanted}");
        }

        if (!integer)
        {
            return Doubles(ref reader, count);
        }

        var buckets = count == 0 ? [] : new double[count];
        var value = 0L;
        for (var i = 0; i < count; i++)
        {
            buckets[i] = value += reader.Varint();
        }

        return buckets;
    }

    private static double[] Doubles(ref ByteReader reader, int count)
    {
        var values = count == 0 ? [] : new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = Double(ref reader);
        }

        return values;
    }
}
