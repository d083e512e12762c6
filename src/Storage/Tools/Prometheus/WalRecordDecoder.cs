using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Decodes the records of a log of Prometheus into a sink. What is not a whole record is <see cref="CorruptBlockException"/>. Not thread-safe.</summary>
internal sealed class WalRecordDecoder(IWalSink sink)
{
    private readonly WalStrings _strings = new();

    private enum RecordType : byte
    {
        Series = 1,
        Samples = 2,
        Tombstones = 3,
        Exemplars = 4,
        ChunkMarkers = 5,
        Metadata = 6,
        Histograms = 7,
        FloatHistograms = 8,
        CustomHistograms = 9,
        CustomFloatHistograms = 10,
        SamplesWithStart = 11,
        HistogramsWithStart = 12,
        FloatHistogramsWithStart = 13,
    }

    private enum StartMark : byte
    {
        None = 0,
        Same = 1,
        Explicit = 2,
    }

    public void Decode(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record);
        switch ((RecordType)reader.Byte())
        {
            case RecordType.Series:
                Series(ref reader);
                break;
            case RecordType.Samples:
                Samples(ref reader);
                break;
            case RecordType.Tombstones:
                Tombstones(ref reader);
                break;
            case RecordType.Exemplars:
                Exemplars(ref reader);
                break;
            case RecordType.ChunkMarkers:
                ChunkMarkers(ref reader);
                break;
            case RecordType.Metadata:
                Metadata(ref reader);
                break;
            case RecordType.Histograms or RecordType.CustomHistograms:
                Histograms(ref reader, true);
                break;
            case RecordType.FloatHistograms or RecordType.CustomFloatHistograms:
                Histograms(ref reader, false);
                break;
            case RecordType.SamplesWithStart:
                SamplesWithStart(ref reader);
                break;
            case RecordType.HistogramsWithStart:
                HistogramsWithStart(ref reader, true);
                break;
            case RecordType.FloatHistogramsWithStart:
                HistogramsWithStart(ref reader, false);
                break;
            default:
                sink.Skipped(WalSkip.UnknownRecord);
                break;
        }
    }

    private void Series(ref ByteReader reader)
    {
        while (reader.Left > 0)
        {
            var reference = reader.UInt64();
            sink.Series(reference, Labels(ref reader));
        }
    }

    private Labels Labels(ref ByteReader reader)
    {
        var pairs = new string[2 * reader.Count(2)];
        var isSorted = true;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            pairs[i] = _strings.Get(reader.String());
            pairs[i + 1] = _strings.Get(reader.String());
            isSorted &= pairs[i + 1].Length > 0 && (i == 0 || Utf8Order.Compare(pairs[i - 2], pairs[i]) < 0);
        }

        if (isSorted)
        {
            return Common.Labels.Labels.FromSortedPairs(pairs);
        }

        var builder = new LabelsBuilder();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            builder.Set(pairs[i], pairs[i + 1]);
        }

        return builder.Build();
    }

    private void Samples(ref ByteReader reader)
    {
        if (reader.Left == 0)
        {
            return;
        }

        var (reference, time) = (reader.UInt64(), (long)reader.UInt64());
        while (reader.Left > 0)
        {
            var (r, t) = (reference + (ulong)reader.Varint(), time + reader.Varint());
            sink.Float(r, t, 0, Value(ref reader));
        }
    }

    private void Histograms(ref ByteReader reader, bool integer)
    {
        if (reader.Left == 0)
        {
            return;
        }

        var (reference, time) = (reader.UInt64(), (long)reader.UInt64());
        while (reader.Left > 0)
        {
            var (r, t) = (reference + (ulong)reader.Varint(), time + reader.Varint());
            Histogram(ref reader, integer, r, t, 0);
        }
    }

    private void SamplesWithStart(ref ByteReader reader)
    {
        var position = default(StartPosition);
        while (reader.Left > 0)
        {
            position.Next(ref reader);
            sink.Float(position.Reference, position.Time, position.Start, Value(ref reader));
        }
    }

    private void HistogramsWithStart(ref ByteReader reader, bool integer)
    {
        var position = default(StartPosition);
        while (reader.Left > 0)
        {
            position.Next(ref reader);
            Histogram(ref reader, integer, position.Reference, position.Time, position.Start);
        }
    }

    private void Histogram(ref ByteReader reader, bool integer, ulong reference, long time, long start)
    {
        if (WalHistogram.Read(ref reader, integer) is { } histogram)
        {
            sink.Histogram(reference, time, start, histogram);
        }
        else
        {
            sink.Skipped(WalSkip.UnknownSchema);
        }
    }

    private void Tombstones(ref ByteReader reader)
    {
        while (reader.Left > 0)
        {
            sink.Deleted(reader.UInt64(), reader.Varint(), reader.Varint());
        }
    }

    private void Exemplars(ref ByteReader reader)
    {
        if (reader.Left == 0)
        {
            return;
        }

        reader.Bytes(16);
        while (reader.Left > 0)
        {
            reader.Varint();
            reader.Varint();
            reader.UInt64();
            for (var left = 2 * reader.Count(2); left > 0; left--)
            {
                reader.String();
            }

            sink.Skipped(WalSkip.Exemplar);
        }
    }

    private void ChunkMarkers(ref ByteReader reader)
    {
        while (reader.Left > 0)
        {
            reader.Bytes(16);
            sink.Skipped(WalSkip.ChunkMarker);
        }
    }

    private void Metadata(ref ByteReader reader)
    {
        while (reader.Left > 0)
        {
            reader.Uvarint();
            reader.Byte();
            for (var left = 2 * reader.Count(2); left > 0; left--)
            {
                reader.String();
            }

            sink.Skipped(WalSkip.Metadata);
        }
    }

    private static double Value(ref ByteReader reader) => BitConverter.UInt64BitsToDouble(reader.UInt64());

    /// <summary>Series, time and start time of the samples of a record that has start times.</summary>
    private struct StartPosition
    {
        private bool _begun;
        private long _firstTime;
        private long _firstStart;

        public ulong Reference { get; private set; }

        public long Time { get; private set; }

        public long Start { get; private set; }

        public void Next(ref ByteReader reader)
        {
            if (!_begun)
            {
                _begun = true;
                (Reference, Time, Start) = ((ulong)reader.Varint(), reader.Varint(), reader.Varint());
                (_firstTime, _firstStart) = (Time, Start);
                return;
            }

            Reference += (ulong)reader.Varint();
            Time = _firstTime + reader.Varint();
            Start = (StartMark)reader.Byte() switch
            {
                StartMark.None => 0,
                StartMark.Same => Start,
                StartMark.Explicit => _firstStart + reader.Varint(),
                var mark => throw new CorruptBlockException($"start time mark {(byte)mark} is not known"),
            };
        }
    }
}
