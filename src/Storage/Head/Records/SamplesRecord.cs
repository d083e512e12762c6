using System.Buffers;

namespace Deucalion.Storage.Head.Records;

/// <summary>Encodes a samples record: three columns (docs/formats/head-records.md). One instance is reused.</summary>
internal sealed class SamplesRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    private readonly DeltaColumn _refs = new();
    private readonly DeltaColumn _times = new();
    private readonly ValueColumn _values = new();
    private readonly RecordBuffer _header = new();

    /// <summary>Samples added.</summary>
    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        _refs.Clear();
        _times.Clear();
        _values.Clear();
    }

    public void Add(int seriesRef, long time, ulong previousBits, ulong bits)
    {
        _refs.Add(seriesRef);
        _times.Add(time);
        _values.Add(previousBits, bits);
        Count++;
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        _refs.Flush();
        _times.Flush();
        _values.Flush();
        _header.Clear();
        _header.Byte(Version);
        _header.Varint((ulong)Count);
        _header.Varint((ulong)_refs.Written.Length);
        _header.Varint((ulong)_times.Written.Length);
        _header.CopyTo(writer);
        writer.Write(_refs.Written);
        writer.Write(_times.Written);
        writer.Write(_values.Written);
    }

    /// <summary>Reads a record.</summary>
    internal ref struct Reader
    {
        private DeltaColumn.Reader _refs;
        private DeltaColumn.Reader _times;
        private ValueColumn.Reader _values;

        public Reader(ReadOnlySpan<byte> payload)
        {
            var reader = new RecordReader(payload);
            reader.Version(Version);
            Count = reader.Number(int.MaxValue);
            var refs = reader.Number(int.MaxValue);
            var times = reader.Number(int.MaxValue);
            _refs = new DeltaColumn.Reader(reader.Bytes(refs));
            _times = new DeltaColumn.Reader(reader.Bytes(times));
            if (Count > (long)reader.Left * ValueColumn.MaxRun)
            {
                RecordReader.Malformed();
            }

            _values = new ValueColumn.Reader(reader.Bytes(reader.Left));
        }

        /// <summary>Number of samples.</summary>
        public int Count { get; }

        public readonly bool AtEnd => _refs.AtEnd && _times.AtEnd && _values.AtEnd;

        public long NextRef() => _refs.Next();

        public long NextTime() => _times.Next();

        public ulong NextValue(ulong previousBits) => _values.Next(previousBits);
    }
}
