using System.Buffers;

namespace Deucalion.Storage.Head.Records;

/// <summary>Encodes a samples record: three columns, or four where start timestamps are known (docs/formats/head-records.md). One instance is reused.</summary>
internal sealed class SamplesRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    /// <summary>Version byte of a record with start timestamps.</summary>
    public const byte VersionWithStarts = 2;

    private readonly DeltaColumn _refs = new();
    private readonly DeltaColumn _times = new();
    private readonly ValueColumn _values = new();
    private readonly DeltaColumn _starts = new();
    private bool _hasStarts;
    private readonly RecordBuffer _header = new();

    /// <summary>Samples added.</summary>
    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        _refs.Clear();
        _times.Clear();
        _values.Clear();
        _starts.Clear();
        _hasStarts = false;
    }

    public void Add(int seriesRef, long time, ulong previousBits, ulong bits)
    {
        _refs.Add(seriesRef);
        _times.Add(time);
        _values.Add(previousBits, bits);
        Count++;
    }

    /// <summary>Adds the start timestamp of the sample added last: of all samples of a record, or of none.</summary>
    public void AddStart(long startTime)
    {
        _starts.Add(startTime);
        _hasStarts = true;
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        _refs.Flush();
        _times.Flush();
        _values.Flush();
        _starts.Flush();
        _header.Clear();
        _header.Byte(_hasStarts ? VersionWithStarts : Version);
        _header.Varint((ulong)Count);
        _header.Varint((ulong)_refs.Written.Length);
        _header.Varint((ulong)_times.Written.Length);
        if (_hasStarts)
        {
            _header.Varint((ulong)_starts.Written.Length);
        }

        _header.CopyTo(writer);
        writer.Write(_refs.Written);
        writer.Write(_times.Written);
        writer.Write(_starts.Written);
        writer.Write(_values.Written);
    }

    /// <summary>Reads a record.</summary>
    internal ref struct Reader
    {
        private DeltaColumn.Reader _refs;
        private DeltaColumn.Reader _times;
        private DeltaColumn.Reader _starts;
        private ValueColumn.Reader _values;

        public Reader(ReadOnlySpan<byte> payload)
        {
            var reader = new RecordReader(payload);
            HasStarts = reader.Version(Version, VersionWithStarts) == VersionWithStarts;
            Count = reader.Number(int.MaxValue);
            var refs = reader.Number(int.MaxValue);
            var times = reader.Number(int.MaxValue);
            var starts = HasStarts ? reader.Number(int.MaxValue) : 0;
            _refs = new DeltaColumn.Reader(reader.Bytes(refs));
            _times = new DeltaColumn.Reader(reader.Bytes(times));
            _starts = new DeltaColumn.Reader(reader.Bytes(starts));
            if (Count > (long)reader.Left * ValueColumn.MaxRun)
            {
                RecordReader.Malformed();
            }

            _values = new ValueColumn.Reader(reader.Bytes(reader.Left));
        }

        /// <summary>Number of samples.</summary>
        public int Count { get; }

        /// <summary>Whether the samples have start timestamps.</summary>
        public bool HasStarts { get; }

        public readonly bool AtEnd => _refs.AtEnd && _times.AtEnd && _starts.AtEnd && _values.AtEnd;

        public long NextRef() => _refs.Next();

        public long NextTime() => _times.Next();

        /// <summary>Start timestamp of the next sample, 0 = unknown.</summary>
        public long NextStart() => HasStarts ? _starts.Next() : 0;

        public ulong NextValue(ulong previousBits) => _values.Next(previousBits);
    }
}
