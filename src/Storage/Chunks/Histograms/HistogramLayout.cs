using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>What all histograms of a chunk have in common.</summary>
internal sealed class HistogramLayout
{
    // Zero thresholds are a byte where they are a power of two in a certain range.
    private const int ZeroThresholdBias = 243;
    private const byte RawZeroThreshold = 255;

    // Custom bounds of at most three decimals are written as thousandths.
    private const double MaxThousandths = 33554430;

    public static readonly HistogramLayout Empty = new(0, 0, [], [], []);

    public HistogramLayout(double zeroThreshold, int schema, HistogramSpan[] positive, HistogramSpan[] negative, double[] customValues)
    {
        ZeroThreshold = zeroThreshold;
        Schema = schema;
        PositiveSpans = positive;
        NegativeSpans = negative;
        CustomValues = customValues;
    }

    public double ZeroThreshold { get; }

    public int Schema { get; }

    public HistogramSpan[] PositiveSpans { get; }

    public HistogramSpan[] NegativeSpans { get; }

    public double[] CustomValues { get; }

    /// <summary>Reads a layout; each bucket is known to take at least <paramref name="bucketBits"/> bits later.</summary>
    public static HistogramLayout Read(ref BitReader reader, int bucketBits)
    {
        var zeroThreshold = ReadZeroThreshold(ref reader);
        var schema = reader.VarbitInt();
        if (schema is not FloatHistogram.CustomBucketsSchema and (< HistogramSchema.Min or > HistogramSchema.MaxStored))
        {
            throw new CorruptChunkException($"histogram chunk: schema {schema} is not known");
        }

        var positive = ReadSpans(ref reader);
        var negative = ReadSpans(ref reader);
        double[] custom = [];
        if (schema == FloatHistogram.CustomBucketsSchema)
        {
            custom = new double[reader.VarbitCount(1)];
            for (var i = 0; i < custom.Length; i++)
            {
                custom[i] = ReadCustomBound(ref reader);
            }
        }

        if ((BucketCount(positive) + BucketCount(negative)) * bucketBits > reader.Left)
        {
            throw new CorruptChunkException("histogram chunk: more buckets than it can hold");
        }

        return new HistogramLayout(zeroThreshold, (int)schema, positive, negative, custom);
    }

    public static long BucketCount(ReadOnlySpan<HistogramSpan> spans)
    {
        var count = 0L;
        foreach (var span in spans)
        {
            count += span.Length;
        }

        return count;
    }

    public static double ReadZeroThreshold(ref BitReader reader)
    {
        var b = (byte)reader.Bits(8);
        return b switch
        {
            0 => 0,
            RawZeroThreshold => reader.Double(),
            _ => Math.ScaleB(0.5, b - ZeroThresholdBias),
        };
    }

    public static void WriteZeroThreshold(BitWriter writer, double threshold)
    {
        if (BitConverter.DoubleToUInt64Bits(threshold) == 0)
        {
            writer.Bits(0, 8);
            return;
        }

        var exponent = double.IsNormal(threshold) ? Math.ILogB(threshold) + 1 : int.MinValue;
        if (exponent is >= 1 - ZeroThresholdBias and <= RawZeroThreshold - 1 - ZeroThresholdBias && threshold == Math.ScaleB(0.5, exponent))
        {
            writer.Bits((uint)(exponent + ZeroThresholdBias), 8);
        }
        else
        {
            writer.Bits(RawZeroThreshold, 8);
            writer.Double(threshold);
        }
    }

    public static double ReadCustomBound(ref BitReader reader)
    {
        var thousandths = reader.VarbitUint();
        return thousandths == 0 ? reader.Double() : (thousandths - 1) / 1000.0;
    }

    public static void WriteCustomBound(BitWriter writer, double bound)
    {
        var scaled = bound * 1000;
        var rounded = Math.Round(scaled, MidpointRounding.AwayFromZero);
        if (scaled is >= 0 and <= MaxThousandths && rounded / 1000 == bound)
        {
            writer.VarbitUint((ulong)rounded + 1);
        }
        else
        {
            writer.VarbitUint(0);
            writer.Double(bound);
        }
    }

    public void Write(BitWriter writer)
    {
        WriteZeroThreshold(writer, ZeroThreshold);
        writer.VarbitInt(Schema);
        WriteSpans(writer, PositiveSpans);
        WriteSpans(writer, NegativeSpans);
        if (Schema == FloatHistogram.CustomBucketsSchema)
        {
            writer.VarbitUint((uint)CustomValues.Length);
            foreach (var bound in CustomValues)
            {
                WriteCustomBound(writer, bound);
            }
        }
    }

    private static HistogramSpan[] ReadSpans(ref BitReader reader)
    {
        var spans = new HistogramSpan[reader.VarbitCount(2)];
        for (var i = 0; i < spans.Length; i++)
        {
            var length = reader.VarbitUint();
            var offset = reader.VarbitInt();
            if (length > uint.MaxValue || offset is < int.MinValue or > int.MaxValue || (i > 0 && offset < 0))
            {
                throw new CorruptChunkException("histogram chunk: a span is out of range");
            }

            spans[i] = new HistogramSpan((int)offset, (uint)length);
        }

        return spans;
    }

    private static void WriteSpans(BitWriter writer, HistogramSpan[] spans)
    {
        writer.VarbitUint((uint)spans.Length);
        foreach (var span in spans)
        {
            writer.VarbitUint(span.Length);
            writer.VarbitInt(span.Offset);
        }
    }
}
