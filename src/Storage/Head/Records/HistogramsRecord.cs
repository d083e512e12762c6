using System.Buffers;

namespace Deucalion.Storage.Head.Records;

/// <summary>
/// Encodes a record of native histograms: columns of refs, times and start timestamps, then each histogram as <see cref="Common.Samples.HistogramBytes"/>
/// has it (docs/formats/head-records.md). One instance is reused.
/// </summary>
internal sealed class HistogramsRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    private readonly DeltaColumn _refs = new();
    private readonly DeltaColumn _times = new();
    private readonly DeltaColumn _starts = new();
    private readonly RecordBuffer _histograms = new();
    private readonly RecordBuffer _header = new();

    /// <summary>Histograms added.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the histograms.</summary>
    public int Length => _histograms.Length;

    public void Clear()
    {
        Count = 0;
        _refs.Clear();
        _times.Clear();
        _starts.Clear();
        _histograms.Clear();
    }

    public void Add(int seriesRef, long time, long startTime, ReadOnlySpan<byte> histogram)
    {
        _refs.Add(seriesRef);
        _times.Add(time);
        _starts.Add(startTime);
        _histograms.Text(histogram);
        Count++;
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        _refs.Flush();
        _times.Flush();
        _starts.Flush();
        _header.Clear();
        _header.Byte(Version);
        _header.Varint((ulong)Count);
        _header.Varint((ulong)_refs.Written.Length);
        _header.Varint((ulong)_times.Written.Length);
        _header.Varint((ulong)_starts.Written.Length);
        _header.CopyTo(writer);
        writer.Write(_refs.Written);
        writer.Write(_times.Written);
        writer.Write(_starts.Written);
        writer.Write(_histograms.Written);
    }

    /// <summary>Reads a record.</summary>
    internal ref struct Reader
    {
        private DeltaColumn.Reader _refs;
        private DeltaColumn.Reader _times;
        private DeltaColumn.Reader _starts;
        private RecordReader _histograms;

        public Reader(ReadOnlySpan<byte> payload)
        {
            var reader = new RecordReader(payload);
            reader.Version(Version);
            Count = reader.Number(int.MaxValue);
            var refs = reader.Number(int.MaxValue);
            var times = reader.Number(int.MaxValue);
            var starts = reader.Number(int.MaxValue);
            _refs = new DeltaColumn.Reader(reader.Bytes(refs));
            _times = new DeltaColumn.Reader(reader.Bytes(times));
            _starts = new DeltaColumn.Reader(reader.Bytes(starts));
            if (Count > reader.Left)
            {
                RecordReader.Malformed();
            }

            _histograms = new RecordReader(reader.Bytes(reader.Left));
        }

        /// <summary>Number of histograms.</summary>
        public int Count { get; }

        public readonly bool AtEnd => _refs.AtEnd && _times.AtEnd && _starts.AtEnd && _histograms.AtEnd;

        public long NextRef() => _refs.Next();

        public long NextTime() => _times.Next();

        public long NextStart() => _starts.Next();

        public ReadOnlySpan<byte> NextHistogram() => _histograms.Text();
    }
}
