using System.Buffers;
using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head.Records;

/// <summary>Encodes a record of exemplars: ref, time, value and labels of each (docs/formats/head-records.md). One instance is reused.</summary>
internal sealed class ExemplarsRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    /// <summary>Most exemplars that a head may keep.</summary>
    public const int MaxCapacity = 10_000_000;

    private readonly RecordBuffer _items = new();
    private readonly RecordBuffer _header = new();
    private long _previousRef;
    private long _previousTime;

    /// <summary>Exemplars added.</summary>
    public int Count { get; private set; }

    /// <summary>Most exemplars that the head keeps from now on: replicas forget the same ones.</summary>
    public int Capacity { get; set; }

    /// <summary>Bytes of the record, but for a few.</summary>
    public int Length => _items.Length;

    public void Clear()
    {
        Count = 0;
        _previousRef = 0;
        _previousTime = 0;
        _items.Clear();
    }

    /// <summary>Adds an exemplar; its labels are those <see cref="WriteLabels"/> made.</summary>
    public void Add(int seriesRef, long time, double value, ReadOnlySpan<byte> labels)
    {
        _items.Signed(seriesRef - _previousRef);
        _items.Signed(time - _previousTime);
        _items.Fixed64(BitConverter.DoubleToUInt64Bits(value));
        _items.Text(labels);
        _previousRef = seriesRef;
        _previousTime = time;
        Count++;
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        _header.Clear();
        _header.Byte(Version);
        _header.Varint((ulong)Capacity);
        _header.Varint((ulong)Count);
        _header.CopyTo(writer);
        writer.Write(_items.Written);
    }

    /// <summary>Writes labels as bytes: name and value of each, with their lengths.</summary>
    public static void WriteLabels(ReadOnlySpan<WriteLabel> labels, ReadOnlySpan<byte> text, RecordBuffer into)
    {
        into.Clear();
        foreach (ref readonly var label in labels)
        {
            into.Text(text.Slice(label.NameOffset, label.NameLength));
            into.Text(text.Slice(label.ValueOffset, label.ValueLength));
        }
    }

    /// <summary>Reads a record.</summary>
    internal ref struct Reader
    {
        private RecordReader _reader;
        private long _ref;
        private long _time;

        public Reader(ReadOnlySpan<byte> payload)
        {
            _reader = new RecordReader(payload);
            _reader.Version(Version);
            Capacity = _reader.Number(MaxCapacity + 1);
            Count = _reader.Count(11);
        }

        /// <summary>Most exemplars that the head keeps.</summary>
        public int Capacity { get; }

        /// <summary>Number of exemplars.</summary>
        public int Count { get; }

        public readonly bool AtEnd => _reader.AtEnd;

        public ReadOnlySpan<byte> Next(out long seriesRef, out long time, out double value)
        {
            seriesRef = _ref += _reader.Signed();
            time = _time += _reader.Signed();
            value = BitConverter.UInt64BitsToDouble(_reader.Fixed64());
            return _reader.Text();
        }
    }
}
