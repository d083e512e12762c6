using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;

namespace Deucalion.Ingester.Remote;

/// <summary>Series with chunks.</summary>
internal sealed class ChunksContent : IHeadContent<ChunkSeriesBatch>
{
    private const int LabelWidth = 2 * sizeof(int);

    public static readonly ChunksContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(ChunkSeriesBatch value, HeadFrameWriter frame)
    {
        for (var series = 0; series < value.Count; series++)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.LabelSet(HeadReadFrame.LabelCountsFieldNumber, HeadReadFrame.LabelsFieldNumber, value.LabelsAt(series));
            var total = value.ChunksAt(series).Length;
            for (var first = 0; ;)
            {
                var next = WriteChunks(value, series, first, frame);
                frame.Int32(HeadReadFrame.ChunkCountsFieldNumber, next - first);
                if (next == total)
                {
                    break;
                }

                yield return frame;
                first = next;
                frame.IsContinued = true;
                frame.Int32(HeadReadFrame.LabelCountsFieldNumber, 0);
            }
        }
    }

    /// <inheritdoc/>
    public ChunkSeriesBatch Begin() => new();

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, ChunkSeriesBatch into)
    {
        var labelCounts = frame.Column(HeadReadFrame.LabelCountsFieldNumber);
        var labels = frame.Column(HeadReadFrame.LabelsFieldNumber);
        var chunkCounts = frame.Column(HeadReadFrame.ChunkCountsFieldNumber);
        var columns = new ChunkColumns(frame);
        var series = labelCounts.Count(sizeof(int), "label_counts");
        labels.Expect(labelCounts.Sum("label_counts"), LabelWidth, "labels");
        chunkCounts.Expect(series, sizeof(int), "chunk_counts");
        columns.Expect(chunkCounts.Sum("chunk_counts"));
        if (frame.IsContinued && (series == 0 || into.Count == 0 || labelCounts.Int32(0) != 0))
        {
            throw new RemoteFormatException("a series is continued that was not begun");
        }

        int label = 0, chunk = 0, offset = 0;
        for (var i = 0; i < series; i++)
        {
            if (i > 0 || !frame.IsContinued)
            {
                into.BeginSeries(frame.LabelSet(labels, ref label, labelCounts.Int32(i)));
            }

            for (var end = chunk + chunkCounts.Int32(i); chunk < end; chunk++)
            {
                var bytes = columns.Bytes.Slice(offset, columns.Lengths.Int32(chunk));
                bytes.CopyTo(into.AddChunk(columns.Encodings[chunk], columns.MinTimes.Int64(chunk), columns.MaxTimes.Int64(chunk), bytes.Length));
                offset += bytes.Length;
            }
        }
    }

    /// <summary>Writes chunks of a series until the frame is full; returns the first one that is left.</summary>
    private static int WriteChunks(ChunkSeriesBatch batch, int series, int first, HeadFrameWriter frame)
    {
        var chunks = batch.ChunksAt(series);
        var next = first;
        while (next < chunks.Length && !(frame.IsFull && next > first))
        {
            ref readonly var chunk = ref chunks[next++];
            frame.Byte(HeadReadFrame.ChunkEncodingsFieldNumber, chunk.Encoding);
            frame.Int64(HeadReadFrame.ChunkMinTimesFieldNumber, chunk.MinTime);
            frame.Int64(HeadReadFrame.ChunkMaxTimesFieldNumber, chunk.MaxTime);
            frame.Int32(HeadReadFrame.ChunkLengthsFieldNumber, chunk.Length);
            frame.Bytes(HeadReadFrame.ChunksFieldNumber, batch.Bytes(chunk));
        }

        return next;
    }

    /// <summary>Columns by chunk.</summary>
    private readonly ref struct ChunkColumns(in HeadFrame frame)
    {
        public readonly ReadOnlySpan<byte> Encodings = frame.Bytes(HeadReadFrame.ChunkEncodingsFieldNumber);
        public readonly Column MinTimes = frame.Column(HeadReadFrame.ChunkMinTimesFieldNumber);
        public readonly Column MaxTimes = frame.Column(HeadReadFrame.ChunkMaxTimesFieldNumber);
        public readonly Column Lengths = frame.Column(HeadReadFrame.ChunkLengthsFieldNumber);
        public readonly ReadOnlySpan<byte> Bytes = frame.Bytes(HeadReadFrame.ChunksFieldNumber);

        public void Expect(long count)
        {
            new Column(Encodings).Expect(count, 1, "chunk_encodings");
            MinTimes.Expect(count, sizeof(long), "chunk_min_times");
            MaxTimes.Expect(count, sizeof(long), "chunk_max_times");
            Lengths.Expect(count, sizeof(int), "chunk_lengths");
            if (Lengths.Sum("chunk_lengths") != Bytes.Length)
            {
                throw new RemoteFormatException($"chunks of another length than their {Bytes.Length} bytes");
            }
        }
    }
}
