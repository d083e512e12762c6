using System.Buffers;
using System.Text;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head.Checkpoints;

/// <summary>
/// Writes the whole state of a head (docs/formats/checkpoint.md). Heads that hold the same write the same bytes. For the writer's thread.
/// </summary>
internal sealed class HeadCheckpointWriter(HeadState state, IBufferWriter<byte> output)
{
    /// <summary>Version of the format that is written.</summary>
    public const byte Version = 2;

    /// <summary>Version without histograms, start timestamps and exemplars, which is read too.</summary>
    public const byte FloatsOnly = 1;

    /// <summary>Flag of a series: it has an open chunk.</summary>
    public const byte IsOpen = 1;

    /// <summary>Flag of a series: its newest sample is a histogram.</summary>
    public const byte LastIsHistogram = 2;

    /// <summary>Flag of a series: its open chunk is one of plain floats, whose state follows.</summary>
    public const byte OpenIsXor = 4;

    private readonly CheckpointFrameWriter _frames = new(output);
    private readonly Dictionary<int, int> _names = [];
    private readonly Dictionary<int, int> _generations = [];
    private readonly int[] _pairs = new int[state.Index.PairLimit];
    private readonly List<int> _chunks = [];
    private byte[] _bytes = new byte[1024];
    private int _pairCount;

    public void Write(HeadMetadata metadata)
    {
        WriteHeader();
        WriteGenerations();
        var previous = -1;
        for (var seriesRef = 0; seriesRef < state.Refs.Next; seriesRef++)
        {
            if (state.Rows[seriesRef].State == SeriesState.Free)
            {
                continue;
            }

            _frames.Payload.Varint((ulong)(seriesRef - previous - 1));
            previous = seriesRef;
            WriteSeries(seriesRef);
            if (_frames.IsFull)
            {
                _frames.Flush(CheckpointFrame.Series);
            }
        }

        _frames.Flush(CheckpointFrame.Series);
        metadata.WriteTo(_frames.Payload);
        _frames.Flush(CheckpointFrame.Metadata);
        state.Exemplars.WriteTo(_frames.Payload);
        _frames.Flush(CheckpointFrame.Exemplars);
        _frames.Flush(CheckpointFrame.End);
    }

    private void WriteHeader()
    {
        var payload = _frames.Payload;
        payload.Byte(Version);
        payload.Signed(state.MaxTime);
        payload.Varint((ulong)state.Generations.NextId);
        payload.Varint((ulong)state.Refs.Next);
        payload.Varint((ulong)state.Refs.Free.Length);
        foreach (var (seriesRef, _) in state.Refs.Free)
        {
            payload.Varint((ulong)seriesRef);
        }

        _frames.Flush(CheckpointFrame.Header);
    }

    private void WriteGenerations()
    {
        var payload = _frames.Payload;
        var all = state.Generations.All.ToList();
        payload.Varint((ulong)all.Count);
        foreach (var generation in all)
        {
            _generations.Add(generation.Index, _generations.Count);
            payload.Varint((ulong)generation.Id);
            payload.Signed(generation.WindowStart);
            payload.Byte(generation.Sealed ? (byte)1 : (byte)0);
            payload.Varint((ulong)generation.Samples);
            payload.Signed(generation.MinTime);
            payload.Signed(generation.MaxTime);
        }

        payload.Varint((ulong)state.Generations.Recent.Count);
        foreach (var (entry, at) in state.Generations.Recent)
        {
            payload.Varint((ulong)entry.Generation);
            payload.Text(Encoding.UTF8.GetBytes(entry.Ulid));
            payload.Signed(at);
        }

        _frames.Flush(CheckpointFrame.Generations);
    }

    private void WriteSeries(int seriesRef)
    {
        var payload = _frames.Payload;
        ref var identity = ref state.Identities[seriesRef];
        ref var row = ref state.Rows[seriesRef];
        payload.Fixed64(identity.Hash);
        payload.Varint((ulong)identity.PairCount);
        foreach (var pair in state.Index.PairsOf(identity))
        {
            WritePair(payload, pair);
        }

        payload.Signed(row.LastTime);
        payload.Fixed64(row.LastBits);
        var xor = row.OpenChunk != 0 && new ChunkDescriptor(state.Chunks[row.OpenChunk].Descriptor).Encoding == ChunkEncoding.Xor;
        payload.Byte((byte)((row.OpenChunk == 0 ? 0 : IsOpen) | (row.LastIsHistogram ? LastIsHistogram : 0) | (xor ? OpenIsXor : 0)));
        if (xor)
        {
            payload.Varint((ulong)row.Delta);
            payload.Byte(row.Leading);
            payload.Byte(row.Significant);
            payload.Byte(row.Trailing);
        }

        _chunks.Clear();
        for (var i = row.FirstChunk; i != 0; i = state.Chunks[i].Next)
        {
            _chunks.Add(i);
        }

        payload.Varint((ulong)_chunks.Count);
        for (var i = _chunks.Count - 1; i >= 0; i--)
        {
            WriteChunk(payload, _chunks[i], _chunks[i] == row.OpenChunk);
        }
    }

    private void WritePair(RecordBuffer payload, int pair)
    {
        payload.Varint((ulong)_pairs[pair]);
        if (_pairs[pair] != 0)
        {
            return;
        }

        _pairs[pair] = ++_pairCount;
        ref var row = ref state.Index[pair];
        var name = _names.GetValueOrDefault(row.NameSymbol);
        payload.Varint((ulong)name);
        if (name == 0)
        {
            _names.Add(row.NameSymbol, _names.Count + 1);
            payload.Text(state.Index.NameBytes(pair));
        }

        payload.Text(state.Index.ValueBytes(pair));
    }

    private void WriteChunk(RecordBuffer payload, int index, bool open)
    {
        ref var slot = ref state.Chunks[index];
        var descriptor = new ChunkDescriptor(slot.Descriptor);
        payload.Varint(((ulong)_generations[slot.Owner >> 1] << 2) | ((ulong)(slot.Owner & 1) << 1) | (open ? 1UL : 0));
        payload.Byte((byte)(descriptor.Encoding | descriptor.Flag));
        payload.Signed(slot.MinTime);
        payload.Varint((ulong)(slot.MaxTime - slot.MinTime));
        payload.Varint((ulong)descriptor.Samples);
        payload.Varint((ulong)descriptor.Bits);
        if (_bytes.Length < descriptor.Length)
        {
            _bytes = new byte[descriptor.Length];
        }

        state.Chunks.CopyTo(descriptor, _bytes.AsSpan(0, descriptor.Length));
        payload.Bytes(_bytes.AsSpan(2, descriptor.Length - 2));
    }
}
