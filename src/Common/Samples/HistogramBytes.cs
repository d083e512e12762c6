using System.Buffers;
using System.Buffers.Binary;

namespace Deucalion.Common.Samples;

/// <summary>
/// A native histogram as bytes, the same for the same histogram: what a write batch carries and a log record holds. Flags (bit 0 integer counts,
/// bits 1-2 counter reset hint), zigzag schema, sum and zero threshold (8 bytes each), count and zero count, spans and buckets of both signs,
/// custom bounds. Integer counts are varints and buckets zigzag differences to the bucket before; float counts are 8 bytes, lowest first.
/// </summary>
public static class HistogramBytes
{
    private const byte IntegerFlag = 1;
    private const int HintShift = 1;
    private const byte KnownFlags = 7;

    /// <summary>Bits of the flags (the first byte) that say nothing about the value: two histograms equal in all else are equal.</summary>
    public const byte HintMask = 3 << HintShift;

    /// <summary>Writes a histogram whose spans and buckets agree.</summary>
    public static void Write(FloatHistogram histogram, IBufferWriter<byte> output)
    {
        var writer = new Writer(output);
        writer.Byte((byte)((histogram.IsInteger ? IntegerFlag : 0) | ((int)histogram.CounterResetHint << HintShift)));
        writer.Signed(histogram.Schema);
        writer.Double(histogram.Sum);
        writer.Double(histogram.ZeroThreshold);
        writer.Count(histogram.Count, histogram.IsInteger);
        writer.Count(histogram.ZeroCount, histogram.IsInteger);
        writer.Buckets(histogram.PositiveSpans, histogram.PositiveBuckets, histogram.IsInteger);
        writer.Buckets(histogram.NegativeSpans, histogram.NegativeBuckets, histogram.IsInteger);
        writer.Varint((ulong)histogram.CustomValues.Length);
        foreach (var bound in histogram.CustomValues)
        {
            writer.Double(bound);
        }

        writer.Flush();
    }

    /// <summary>
    /// Reads a histogram into <paramref name="into"/>, all of whose fields are replaced; arrays of the right length are reused. False where the bytes
    /// are not one whole histogram whose spans and buckets agree.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, FloatHistogram into)
    {
        var reader = new Reader(bytes);
        var flags = reader.Byte();
        var integer = (flags & IntegerFlag) != 0;
        into.IsInteger = integer;
        into.CounterResetHint = (CounterResetHint)(flags >> HintShift & 3);
        var schema = reader.Signed();
        into.Schema = (int)schema;
        into.Sum = reader.Double();
        into.ZeroThreshold = reader.Double();
        into.Count = reader.Count(integer);
        into.ZeroCount = reader.Count(integer);
        into.PositiveSpans = reader.Spans(into.PositiveSpans);
        into.PositiveBuckets = reader.Buckets(into.PositiveBuckets, into.PositiveSpans, integer);
        into.NegativeSpans = reader.Spans(into.NegativeSpans);
        into.NegativeBuckets = reader.Buckets(into.NegativeBuckets, into.NegativeSpans, integer);
        into.CustomValues = Reader.Sized(into.CustomValues, reader.Length(sizeof(double)));
        foreach (ref var bound in into.CustomValues.AsSpan())
        {
            bound = reader.Double();
        }

        return reader.AtEnd && flags <= KnownFlags && schema == into.Schema;
    }

    private ref struct Writer(IBufferWriter<byte> output)
    {
        private const int MaxNumber = 10;

        private Span<byte> _span = output.GetSpan(256);
        private int _used;

        public void Byte(byte value) => Room()[_used++] = value;

        public void Double(double value)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(Room()[_used..], value);
            _used += sizeof(double);
        }

        public void Varint(ulong value)
        {
            var span = Room();
            while (value >= 0x80)
            {
                span[_used++] = (byte)(value | 0x80);
                value >>= 7;
            }

            span[_used++] = (byte)value;
        }

        public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

        public void Count(double count, bool integer)
        {
            if (integer)
            {
                Varint((ulong)count);
            }
            else
            {
                Double(count);
            }
        }

        public void Buckets(HistogramSpan[] spans, double[] buckets, bool integer)
        {
            Varint((ulong)spans.Length);
            foreach (var span in spans)
            {
                Signed(span.Offset);
                Varint(span.Length);
            }

            var previous = 0L;
            foreach (var bucket in buckets)
            {
                if (integer)
                {
                    Signed((long)bucket - previous);
                    previous = (long)bucket;
                }
                else
                {
                    Double(bucket);
                }
            }
        }

        public void Flush()
        {
            output.Advance(_used);
            _used = 0;
            _span = default;
        }

        private Span<byte> Room()
        {
            if (_span.Length - _used < MaxNumber)
            {
                output.Advance(_used);
                _used = 0;
                _span = output.GetSpan(256);
            }

            return _span;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        // Bytes of a span are at least two, those of a bucket one.
        private const int MinSpan = 2;

        private ReadOnlySpan<byte> _rest = bytes;
        private bool _failed;

        public readonly bool AtEnd => !_failed && _rest.IsEmpty;

        public static double[] Sized(double[] array, int length) => array.Length == length ? array : length == 0 ? [] : new double[length];

        public byte Byte()
        {
            if (_rest.IsEmpty)
            {
                _failed = true;
                return 0;
            }

            var value = _rest[0];
            _rest = _rest[1..];
            return value;
        }

        public double Double()
        {
            if (_rest.Length < sizeof(double))
            {
                _failed = true;
                _rest = default;
                return 0;
            }

            var value = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
            _rest = _rest[sizeof(double)..];
            return value;
        }

        public ulong Varint()
        {
            var result = 0UL;
            for (var shift = 0; shift < 70 && !_failed; shift += 7)
            {
                var b = Byte();
                result |= (ulong)(b & 0x7f) << shift;
                if (b < 0x80)
                {
                    return result;
                }
            }

            _failed = true;
            return 0;
        }

        public long Signed()
        {
            var value = Varint();
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        public double Count(bool integer) => integer ? Varint() : Double();

        /// <summary>A number of things of at least so many bytes each.</summary>
        public int Length(int minBytes)
        {
            var length = Varint();
            if (length > (ulong)(_rest.Length / minBytes))
            {
                _failed = true;
                _rest = default;
                return 0;
            }

            return (int)length;
        }

        public HistogramSpan[] Spans(HistogramSpan[] reuse)
        {
            var count = Length(MinSpan);
            var spans = reuse.Length == count ? reuse : count == 0 ? [] : new HistogramSpan[count];
            for (var i = 0; i < spans.Length; i++)
            {
                var offset = Signed();
                var length = Varint();
                _failed |= offset is < int.MinValue or > int.MaxValue || length > uint.MaxValue || (i > 0 && offset < 0);
                spans[i] = new HistogramSpan((int)offset, (uint)length);
            }

            return spans;
        }

        public double[] Buckets(double[] reuse, HistogramSpan[] spans, bool integer)
        {
            var count = 0UL;
            foreach (var span in spans)
            {
                count += span.Length;
            }

            if (_failed || count > (ulong)(_rest.Length / (integer ? 1 : sizeof(double))))
            {
                _failed = true;
                return [];
            }

            var buckets = Sized(reuse, (int)count);
            var value = 0L;
            foreach (ref var bucket in buckets.AsSpan())
            {
                bucket = integer ? value += Signed() : Double();
            }

            return buckets;
        }
    }
}
