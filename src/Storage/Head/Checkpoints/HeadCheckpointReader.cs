using System.Runtime.InteropServices;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head.Checkpoints;

/// <summary>Fills an empty head from a checkpoint (docs/formats/checkpoint.md). Whatever does not fit is <see cref="HeadFormatException"/>.</summary>
internal sealed class HeadCheckpointReader(HeadState state, HeadApplier applier, int partition)
{
    private readonly List<byte[]> _names = [];
    private readonly List<int> _pairs = [];
    private readonly List<HeadGeneration> _generations = [];
    private readonly List<int> _labels = [];
    private readonly SampleBuffer _samples = new();
    private byte _version;
    private int _previousRef = -1;
    private int _nextRef;
    private HashSet<int> _free = [];

    public void Read(HeadMetadata metadata, CheckpointRead read)
    {
        var frames = new CheckpointFrameReader(read);
        Expect(CheckpointFrame.Header, frames.Next(out var payload));
        ReadHeader(payload);
        Expect(CheckpointFrame.Generations, frames.Next(out payload));
        ReadGenerations(payload);
        var kind = frames.Next(out payload);
        for (; kind == CheckpointFrame.Series; kind = frames.Next(out payload))
        {
            var reader = new RecordReader(payload);
            while (!reader.AtEnd)
            {
                ReadSeries(ref reader);
            }
        }

        if (state.SeriesCount + _free.Count != _nextRef)
        {
            RecordReader.Malformed();
        }

        if (_nextRef > 0)
        {
            state.EnsureRef(_nextRef - 1);
        }

        Expect(CheckpointFrame.Metadata, kind);
        metadata.Apply(payload);
        if (_version > HeadCheckpointWriter.FloatsOnly)
        {
            Expect(CheckpointFrame.Exemplars, frames.Next(out payload));
            applier.Exemplars(payload);
        }

        Expect(CheckpointFrame.End, frames.Next(out _));
        state.MinTime = state.Generations.MinTime;
    }

    private static void Expect(CheckpointFrame expected, CheckpointFrame found)
    {
        if (expected != found)
        {
            RecordReader.Malformed();
        }
    }

    private static long Time(long time)
    {
        if (time is > HeadApplier.TimeLimit or < -HeadApplier.TimeLimit)
        {
            RecordReader.Malformed();
        }

        return time;
    }

    private void ReadHeader(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        _version = reader.Version(HeadCheckpointWriter.Version, HeadCheckpointWriter.FloatsOnly);
        state.MaxTime = reader.Signed();
        state.Generations.NextId = (long)reader.Varint();
        _nextRef = reader.Number(int.MaxValue);
        var free = new int[reader.Count(1)];
        for (var i = 0; i < free.Length; i++)
        {
            free[i] = reader.Number(_nextRef);
        }

        reader.End();
        _free = [.. free];
        if (_free.Count != free.Length)
        {
            RecordReader.Malformed();
        }

        state.Refs.Restore(_nextRef, free);
    }

    private void ReadGenerations(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var count = reader.Count(6);
        for (var i = 0; i < count; i++)
        {
            var id = (long)reader.Varint();
            var generation = state.Generations.Restore(id, Time(reader.Signed()), reader.Byte() == 1);
            generation.Samples = (long)reader.Varint();
            generation.MinTime = reader.Signed();
            generation.MaxTime = reader.Signed();
            _generations.Add(generation);
        }

        count = reader.Count(3);
        for (var i = 0; i < count; i++)
        {
            var entry = new TruncatedGeneration(partition, (long)reader.Varint(), Encoding.UTF8.GetString(reader.Text()));
            state.Generations.AddRecent(entry, reader.Signed());
        }

        reader.End();
    }

    private void ReadSeries(ref RecordReader reader)
    {
        var next = (long)_previousRef + 1 + reader.Number(int.MaxValue);
        if (next >= _nextRef || next > state.SeriesCount + _free.Count || _free.Contains((int)next))
        {
            RecordReader.Malformed();
        }

        _previousRef = (int)next;
        state.EnsureRef(_previousRef);
        var hash = reader.Fixed64();
        _labels.Clear();
        var labels = reader.Count(1);
        for (var i = 0; i < labels; i++)
        {
            _labels.Add(ReadPair(ref reader));
        }

        applier.Define(_previousRef, hash, CollectionsMarshal.AsSpan(_labels));
        ref var row = ref state.Rows[_previousRef];
        row.LastTime = row.StagedTime = reader.Signed();
        row.LastBits = row.StagedBits = reader.Fixed64();
        var flags = reader.Byte();
        row.LastIsHistogram = row.StagedIsHistogram = (flags & HeadCheckpointWriter.LastIsHistogram) != 0;
        if (_version == HeadCheckpointWriter.FloatsOnly ? flags != 0 : (flags & HeadCheckpointWriter.OpenIsXor) != 0)
        {
            row.Delta = reader.Number(int.MaxValue);
            row.Leading = (byte)reader.Number(32);
            row.Significant = (byte)reader.Number(65);
            row.Trailing = (byte)reader.Number(64);
            if (row.Leading + row.Significant + row.Trailing > 64)
            {
                RecordReader.Malformed();
            }
        }

        var chunks = reader.Count(5);
        for (var i = 0; i < chunks; i++)
        {
            ReadChunk(ref reader, ref row);
        }
    }

    private int ReadPair(ref RecordReader reader)
    {
        var number = reader.Number(_pairs.Count + 1);
        if (number > 0)
        {
            return _pairs[number - 1];
        }

        var name = reader.Number(_names.Count + 1);
        if (name == 0)
        {
            _names.Add(reader.Text().ToArray());
            name = _names.Count;
        }

        var pair = state.Index.Acquire(_names[name - 1], reader.Text());
        _pairs.Add(pair);
        return pair;
    }

    private void ReadChunk(ref RecordReader reader, ref SeriesRow row)
    {
        var owner = reader.Varint();
        var encoding = reader.Byte();
        var flag = (byte)(encoding & HistogramFlags.Mask);
        encoding ^= flag;
        if (owner >> 2 >= (ulong)_generations.Count || !ChunkEncoding.IsKnown(encoding) || (flag != 0 && !ChunkDescriptor.HoldsFlag(encoding))
            || (_version == HeadCheckpointWriter.FloatsOnly && encoding != ChunkEncoding.Xor))
        {
            RecordReader.Malformed();
        }

        var generation = _generations[(int)(owner >> 2)];
        var minTime = Time(reader.Signed());
        var maxTime = Time(minTime + reader.Number(int.MaxValue));
        var samples = reader.Number(ChunkDescriptor.MaxSamples + 1);
        var bits = reader.Number(ChunkDescriptor.MaxBits + 1);
        var bytes = reader.Bytes((bits + 7) >> 3);
        var descriptor = new ChunkDescriptor(0, bits, samples, encoding, flag);
        if (samples == 0 || bits == 0 || (encoding != ChunkEncoding.Xor && !IsSound(descriptor, bytes)))
        {
            RecordReader.Malformed();
        }

        var tag = (generation.Index << 1) | (int)((owner >> 1) & 1);
        state.Chunks.Restore(ref row, bytes, descriptor, minTime, maxTime, tag, (owner & 1) != 0);
    }

    // Chunks that appending reads again are looked at now: later nobody could say where the damage came from.
    private bool IsSound(ChunkDescriptor descriptor, ReadOnlySpan<byte> bits)
    {
        var chunk = new byte[descriptor.Length];
        descriptor.WriteCount(chunk);
        bits.CopyTo(chunk.AsSpan(2));
        _samples.Clear();
        try
        {
            ChunkDecoder.Decode(descriptor.Encoding, chunk, long.MinValue, long.MaxValue, _samples);
            return _samples.Count + _samples.Histograms.Length == descriptor.Samples;
        }
        catch (CorruptChunkException)
        {
            return false;
        }
    }
}
