using Deucalion.Common.Samples;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Writes prometheus.Histogram messages as the histograms field of a time series.</summary>
public static class HistogramMessage
{
    /// <summary>Appends the field; <paramref name="integer"/> writes counts as integers, which they must be then.</summary>
    public static void Append(List<byte> series, long time, FloatHistogram histogram, bool integer)
    {
        var message = new List<byte>();
        if (integer)
        {
            VarintField(message, 1, (ulong)histogram.Count);
        }
        else
        {
            DoubleField(message, 2, histogram.Count);
        }

        DoubleField(message, 3, histogram.Sum);
        VarintField(message, 4, ZigZag(histogram.Schema));
        DoubleField(message, 5, histogram.ZeroThreshold);
        if (integer)
        {
            VarintField(message, 6, (ulong)histogram.ZeroCount);
        }
        else
        {
            DoubleField(message, 7, histogram.ZeroCount);
        }

        Side(message, 8, histogram.NegativeSpans, histogram.NegativeBuckets, integer);
        Side(message, 11, histogram.PositiveSpans, histogram.PositiveBuckets, integer);
        VarintField(message, 14, (ulong)histogram.CounterResetHint);
        VarintField(message, 15, (ulong)time);
        if (histogram.CustomValues.Length > 0)
        {
            Doubles(message, 16, histogram.CustomValues);
        }

        Bytes(series, 4, message);
    }

    private static void Side(List<byte> message, int field, HistogramSpan[] spans, double[] counts, bool integer)
    {
        foreach (var span in spans)
        {
            var encoded = new List<byte>();
            VarintField(encoded, 1, ZigZag(span.Offset));
            VarintField(encoded, 2, span.Length);
            Bytes(message, field, encoded);
        }

        if (counts.Length == 0)
        {
            return;
        }

        if (!integer)
        {
            Doubles(message, field + 2, counts);
            return;
        }

        var deltas = new List<byte>();
        long previous = 0;
        foreach (var count in counts)
        {
            Varint(deltas, ZigZag((long)count - previous));
            previous = (long)count;
        }

        Bytes(message, field + 1, deltas);
    }

    private static void Doubles(List<byte> target, int field, double[] values)
    {
        var packed = new List<byte>();
        foreach (var value in values)
        {
            packed.AddRange(BitConverter.GetBytes(value));
        }

        Bytes(target, field, packed);
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static void DoubleField(List<byte> target, int field, double value)
    {
        Varint(target, ((ulong)field << 3) | 1);
        target.AddRange(BitConverter.GetBytes(value));
    }

    private static void VarintField(List<byte> target, int field, ulong value)
    {
        Varint(target, (ulong)field << 3);
        Varint(target, value);
    }

    private static void Bytes(List<byte> target, int field, List<byte> content)
    {
        Varint(target, ((ulong)field << 3) | 2);
        Varint(target, (ulong)content.Count);
        target.AddRange(content);
    }

    private static void Varint(List<byte> target, ulong value)
    {
        while (value >= 0x80)
        {
            target.Add((byte)(value | 0x80));
            value >>= 7;
        }

        target.Add((byte)value);
    }
}
