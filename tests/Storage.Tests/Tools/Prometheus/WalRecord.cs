using System.Buffers.Binary;
using System.Text;
using Deucalion.Common.Samples;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

/// <summary>Bytes of the records of a log of Prometheus, as its documentation has them.</summary>
internal sealed class WalRecord
{
    private readonly List<byte> _bytes = [];

    public WalRecord(byte type)
    {
        _bytes.Add(type);
    }

    public static byte[] Series(params (ulong Reference, string[] Labels)[] series)
    {
        var record = new WalRecord(1);
        foreach (var (reference, labels) in series)
        {
            record.Number(reference).Uvarint((ulong)labels.Length / 2);
            foreach (var text in labels)
            {
                record.Text(text);
            }
        }

        return record.ToArray();
    }

    public static byte[] Samples(params (ulong Reference, long Time, double Value)[] samples)
    {
        var record = new WalRecord(2).Number(samples[0].Reference).Number((ulong)samples[0].Time);
        foreach (var (reference, time, value) in samples)
        {
            record.Varint((long)(reference - samples[0].Reference)).Varint(time - samples[0].Time).Double(value);
        }

        return record.ToArray();
    }

    public static byte[] Histograms(byte type, params (ulong Reference, long Time, FloatHistogram Value)[] samples)
    {
        var record = new WalRecord(type).Number(samples[0].Reference).Number((ulong)samples[0].Time);
        foreach (var (reference, time, value) in samples)
        {
            record.Varint((long)(reference - samples[0].Reference)).Varint(time - samples[0].Time).Histogram(value);
        }

        return record.ToArray();
    }

    public static byte[] Tombstone(ulong reference, long minTime, long maxTime) =>
        new WalRecord(3).Number(reference).Varint(minTime).Varint(maxTime).ToArray();

    public byte[] ToArray() => [.. _bytes];

    public WalRecord Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public WalRecord Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public WalRecord Double(double value) => Number(BitConverter.DoubleToUInt64Bits(value));

    public WalRecord Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

    public WalRecord Uvarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        return Byte((byte)value);
    }

    public WalRecord Text(string text)
    {
        Uvarint((ulong)Encoding.UTF8.GetByteCount(text));
        _bytes.AddRange(Encoding.UTF8.GetBytes(text));
        return this;
    }

    public WalRecord Histogram(FloatHistogram h)
    {
        Byte((byte)h.CounterResetHint).Varint(h.Schema).Double(h.ZeroThreshold);
        Count(h.ZeroCount, h.IsInteger).Count(h.Count, h.IsInteger).Double(h.Sum);
        Spans(h.PositiveSpans).Spans(h.NegativeSpans).Buckets(h.PositiveBuckets, h.IsInteger).Buckets(h.NegativeBuckets, h.IsInteger);
        if (h.Schema == FloatHistogram.CustomBucketsSchema)
        {
            Buckets(h.CustomValues, false);
        }

        return this;
    }

    private WalRecord Count(double value, bool integer) => integer ? Uvarint((ulong)value) : Double(value);

    private WalRecord Spans(HistogramSpan[] spans)
    {
        Uvarint((ulong)spans.Length);
        foreach (var span in spans)
        {
            Varint(span.Offset).Uvarint(span.Length);
        }

        return this;
    }

    private WalRecord Buckets(double[] buckets, bool integer)
    {
        Uvarint((ulong)buckets.Length);
        var previous = 0L;
        foreach (var bucket in buckets)
        {
            _ = integer ? Varint((long)bucket - previous) : Double(bucket);
            previous = (long)bucket;
        }

        return this;
    }
}
