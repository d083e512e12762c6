using System.Runtime.InteropServices;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Samples;

namespace Deucalion.Ingester.Push;

/// <summary>
/// A Histogram message of remote write 1.0 or 2.0 as it was sent. Reused from one message to the next; of spans, buckets and bounds it keeps no
/// more than <paramref name="maxBuckets"/> each, so that a request cannot make it grow without bound. Not thread-safe.
/// </summary>
internal sealed class HistogramMessage(int maxBuckets)
{
    private readonly List<HistogramSpan> _negativeSpans = [];
    private readonly List<HistogramSpan> _positiveSpans = [];
    private readonly List<long> _negativeDeltas = [];
    private readonly List<long> _positiveDeltas = [];
    private readonly List<double> _negativeCounts = [];
    private readonly List<double> _positiveCounts = [];
    private readonly List<double> _customValues = [];

    /// <summary>Most buckets, spans or bounds.</summary>
    public int MaxBuckets { get; } = maxBuckets;

    /// <summary>Whether there were more than that.</summary>
    public bool HasTooMany { get; private set; }

    /// <summary>Whether the count was sent as a float: then the counts of buckets are too.</summary>
    public bool IsFloat { get; private set; }

    public ulong Count { get; private set; }

    public double FloatCount { get; private set; }

    public ulong ZeroCount { get; private set; }

    public double FloatZeroCount { get; private set; }

    public double Sum { get; private set; }

    public int Schema { get; private set; }

    public double ZeroThreshold { get; private set; }

    public CounterResetHint Hint { get; private set; }

    /// <summary>Unix milliseconds.</summary>
    public long Time { get; private set; }

    /// <summary>Unix milliseconds; 0 is unknown.</summary>
    public long StartTime { get; private set; }

    public ReadOnlySpan<HistogramSpan> NegativeSpans => CollectionsMarshal.AsSpan(_negativeSpans);

    public ReadOnlySpan<HistogramSpan> PositiveSpans => CollectionsMarshal.AsSpan(_positiveSpans);

    /// <summary>Each bucket's difference to the one before.</summary>
    public ReadOnlySpan<long> NegativeDeltas => CollectionsMarshal.AsSpan(_negativeDeltas);

    public ReadOnlySpan<long> PositiveDeltas => CollectionsMarshal.AsSpan(_positiveDeltas);

    public ReadOnlySpan<double> NegativeCounts => CollectionsMarshal.AsSpan(_negativeCounts);

    public ReadOnlySpan<double> PositiveCounts => CollectionsMarshal.AsSpan(_positiveCounts);

    public ReadOnlySpan<double> CustomValues => CollectionsMarshal.AsSpan(_customValues);

    /// <summary>Reads a message that ends at <paramref name="end"/>; false where it is malformed.</summary>
    public bool TryRead(ref ProtobufReader reader, int end)
    {
        Clear();
        while (reader.Position < end)
        {
            if (!reader.TryReadTag(end, out var field, out var wireType) || !TryReadField(ref reader, end, field, wireType))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadField(ref ProtobufReader reader, int end, int field, int wireType)
    {
        switch (field)
        {
            case 1 or 4 or 6 or 14 or 15 or 17:
                if (!reader.Expect(wireType, ProtobufReader.Varint) || !reader.TryReadVarint(end, out var number))
                {
                    return false;
                }

                SetNumber(field, number);
                return true;
            case 2 or 3 or 5 or 7:
                if (!reader.Expect(wireType, ProtobufReader.Fixed64) || !reader.TryReadDouble(end, out var value))
                {
                    return false;
                }

                SetDouble(field, value);
                return true;
            case 8 or 11:
                return reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadLength(end, out var length)
                    && TryReadSpan(ref reader, reader.Position + length, field == 8 ? _negativeSpans : _positiveSpans);
            case 9 or 12:
                return TryReadDeltas(ref reader, end, wireType, field == 9 ? _negativeDeltas : _positiveDeltas);
            case 10 or 13 or 16:
                return TryReadDoubles(ref reader, end, wireType, field == 10 ? _negativeCounts : field == 13 ? _positiveCounts : _customValues);
            default:
                return reader.TrySkip(end, wireType);
        }
    }

    // Of count and zero count, which have two forms, the last one counts.
    private void SetNumber(int field, ulong number)
    {
        switch (field)
        {
            case 1:
                (Count, IsFloat) = (number, false);
                break;
            case 4:
                Schema = (int)((uint)number >> 1) ^ -(int)(number & 1);
                break;
            case 6:
                (ZeroCount, FloatZeroCount) = (number, 0);
                break;
            case 14:
                Hint = number <= (ulong)CounterResetHint.Gauge ? (CounterResetHint)number : CounterResetHint.Unknown;
                break;
            case 15:
                Time = (long)number;
                break;
            default:
                StartTime = (long)number;
                break;
        }
    }

    private void SetDouble(int field, double value)
    {
        switch (field)
        {
            case 2:
                (FloatCount, IsFloat) = (value, true);
                break;
            case 3:
                Sum = value;
                break;
            case 5:
                ZeroThreshold = value;
                break;
            default:
                (FloatZeroCount, ZeroCount) = (value, 0);
                break;
        }
    }

    private bool TryReadSpan(ref ProtobufReader reader, int end, List<HistogramSpan> into)
    {
        ulong offset = 0, length = 0;
        while (reader.Position < end)
        {
            if (!reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            var read = field switch
            {
                1 => reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(end, out offset),
                2 => reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(end, out length),
                _ => reader.TrySkip(end, wireType),
            };
            if (!read)
            {
                return false;
            }
        }

        Add(into, new HistogramSpan((int)((uint)offset >> 1) ^ -(int)(offset & 1), (uint)length));
        return true;
    }

    // Repeated numbers come packed; one by one is allowed too.
    private bool TryReadDeltas(ref ProtobufReader reader, int end, int wireType, List<long> into)
    {
        var fieldEnd = end;
        if (wireType == ProtobufReader.Bytes)
        {
            if (!reader.TryReadLength(end, out var length))
            {
                return false;
            }

            fieldEnd = reader.Position + length;
        }
        else if (!reader.Expect(wireType, ProtobufReader.Varint))
        {
            return false;
        }

        while (wireType != ProtobufReader.Bytes || reader.Position < fieldEnd)
        {
            if (!reader.TryReadVarint(fieldEnd, out var delta))
            {
                return false;
            }

            Add(into, (long)(delta >> 1) ^ -(long)(delta & 1));
            if (wireType != ProtobufReader.Bytes)
            {
                break;
            }
        }

        return true;
    }

    private bool TryReadDoubles(ref ProtobufReader reader, int end, int wireType, List<double> into)
    {
        if (wireType != ProtobufReader.Bytes)
        {
            if (!reader.Expect(wireType, ProtobufReader.Fixed64) || !reader.TryReadDouble(end, out var single))
            {
                return false;
            }

            Add(into, single);
            return true;
        }

        if (!reader.TryReadLength(end, out var length))
        {
            return false;
        }

        var fieldEnd = reader.Position + length;
        while (reader.Position < fieldEnd)
        {
            if (!reader.TryReadDouble(fieldEnd, out var value))
            {
                return false;
            }

            Add(into, value);
        }

        return true;
    }

    private void Add<T>(List<T> list, T item)
    {
        if (list.Count == MaxBuckets)
        {
            HasTooMany = true;
        }
        else
        {
            list.Add(item);
        }
    }

    private void Clear()
    {
        _negativeSpans.Clear();
        _positiveSpans.Clear();
        _negativeDeltas.Clear();
        _positiveDeltas.Clear();
        _negativeCounts.Clear();
        _positiveCounts.Clear();
        _customValues.Clear();
        (HasTooMany, IsFloat) = (false, false);
        (Count, FloatCount, ZeroCount, FloatZeroCount) = (0, 0, 0, 0);
        (Sum, Schema, ZeroThreshold, Hint) = (0, 0, 0, CounterResetHint.Unknown);
        (Time, StartTime) = (0, 0);
    }
}
