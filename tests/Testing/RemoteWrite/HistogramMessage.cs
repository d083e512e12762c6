using Deucalion.Common.Samples;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Writes Histogram messages of remote write.</summary>
public static class HistogramMessage
{
    /// <summary>Appends the field of remote write 1.0; <paramref name="integer"/> writes counts as integers, which they must be then.</summary>
    public static void Append(List<byte> series, long time, FloatHistogram histogram, bool integer) =>
        ProtobufBytes.Bytes(series, 4, Encode(new SentHistogram(time, histogram, integer)));

    /// <summary>The message, which is the same in both versions.</summary>
    internal static List<byte> Encode(SentHistogram sent)
    {
        var (time, histogram, integer, startTime) = sent;
        var message = new List<byte>();
        if (integer)
        {
            ProtobufBytes.Number(message, 1, (ulong)histogram.Count);
        }
        else
        {
            ProtobufBytes.Double(message, 2, histogram.Count);
        }

        ProtobufBytes.Double(message, 3, histogram.Sum);
        ProtobufBytes.Number(message, 4, ProtobufBytes.ZigZag(histogram.Schema));
        ProtobufBytes.Double(message, 5, histogram.ZeroThreshold);
        if (integer)
        {
            ProtobufBytes.Number(message, 6, (ulong)histogram.ZeroCount);
        }
        else
        {
            ProtobufBytes.Double(message, 7, histogram.ZeroCount);
        }

        Side(message, 8, histogram.NegativeSpans, histogram.NegativeBuckets, integer);
        Side(message, 11, histogram.PositiveSpans, histogram.PositiveBuckets, integer);
        ProtobufBytes.Number(message, 14, (ulong)histogram.CounterResetHint);
        ProtobufBytes.Number(message, 15, (ulong)time);
        if (histogram.CustomValues.Length > 0)
        {
            Doubles(message, 16, histogram.CustomValues);
        }

        if (startTime != 0)
        {
            ProtobufBytes.Number(message, 17, (ulong)startTime);
        }

        return message;
    }

    private static void Side(List<byte> message, int field, HistogramSpan[] spans, double[] counts, bool integer)
    {
        foreach (var span in spans)
        {
            var encoded = new List<byte>();
            ProtobufBytes.Number(encoded, 1, ProtobufBytes.ZigZag(span.Offset));
            ProtobufBytes.Number(encoded, 2, span.Length);
            ProtobufBytes.Bytes(message, field, encoded);
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
            ProtobufBytes.Varint(deltas, ProtobufBytes.ZigZag((long)count - previous));
            previous = (long)count;
        }

        ProtobufBytes.Bytes(message, field + 1, deltas);
    }

    private static void Doubles(List<byte> target, int field, double[] values)
    {
        var packed = new List<byte>();
        foreach (var value in values)
        {
            packed.AddRange(BitConverter.GetBytes(value));
        }

        ProtobufBytes.Bytes(target, field, packed);
    }
}
