using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Memory;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Head;

/// <summary>
/// Reads a sealed generation in the order of labels for the block writer: chunks as they are where they follow each other, merged and written anew
/// (floats at most 120 samples) where out-of-order samples overlap. For one thread, beside the head's writer. Any member may throw
/// <see cref="WindowTruncatedException"/>.
/// </summary>
public sealed class SealedWindowSource : IBlockSource
{
    private readonly HeadState _state;
    private readonly HeadGeneration _generation;
    private readonly SealedWindowOrder _order;
    private readonly List<SealedChunk> _chunks = [];
    private readonly Copies _copies;
    private readonly ChunkMerger _merger = new();
    private readonly SampleBuffer _samples = new();
    private readonly SeriesEncoder _encoder = new();
    private uint[] _labels = new uint[32];
    private int _labelCount;
    private byte[] _bytes = new byte[4096];
    private int _used;
    private int _series = -1;
    private int _chunk = -1;
    private bool _isMerged;

    internal SealedWindowSource(HeadState state, HeadGeneration generation)
    {
        _state = state;
        _generation = generation;
        _copies = new Copies(this);
        using var registration = Enter();
        _order = new SealedWindowOrder(state, generation);
    }

    /// <summary>Number of series.</summary>
    public int SeriesCount => _order.Refs.Length;

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols => _order.Symbols;

    /// <inheritdoc/>
    public ReadOnlySpan<uint> Labels => _labels.AsSpan(0, _labelCount);

    /// <inheritdoc/>
    public bool NextSeries()
    {
        if (_series + 1 >= _order.Refs.Length)
        {
            return false;
        }

        _series++;
        _chunk = -1;
        _isMerged = false;
        _used = 0;
        _chunks.Clear();
        using (Enter())
        {
            var seriesRef = _order.Refs[_series];
            ReadLabels(seriesRef);
            CopyChunks(seriesRef);
        }

        _chunks.Sort(static (a, b) => a.MinTime.CompareTo(b.MinTime));
        for (var i = 1; i < _chunks.Count; i++)
        {
            if (_chunks[i].MinTime <= _chunks[i - 1].MaxTime)
            {
                Merge();
                break;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool NextChunk(out BlockChunk chunk)
    {
        if (++_chunk >= (_isMerged ? _encoder.Count : _chunks.Count))
        {
            chunk = default;
            return false;
        }

        if (_isMerged)
        {
            chunk = _encoder.ChunkAt(_chunk);
            return true;
        }

        var next = _chunks[_chunk];
        chunk = new BlockChunk(next.Encoding, next.MinTime, next.MaxTime, _bytes.AsSpan(next.Offset, next.Length));
        return true;
    }

    private ReaderEpochs.Registration Enter()
    {
        ReaderEpochs.Registration registration;
        try
        {
            registration = _state.Enter();
        }
        catch (ObjectDisposedException) when (_generation.Truncated)
        {
            throw new WindowTruncatedException(_generation.Id);
        }

        if (_generation.Truncated)
        {
            registration.Dispose();
            throw new WindowTruncatedException(_generation.Id);
        }

        return registration;
    }

    private void ReadLabels(int seriesRef)
    {
        var pairs = _state.Index.PairsOf(_state.Identities[seriesRef]);
        _labelCount = pairs.Length * 2;
        if (_labelCount > _labels.Length)
        {
            _labels = new uint[_labelCount];
        }

        for (var i = 0; i < pairs.Length; i++)
        {
            (_labels[2 * i], _labels[(2 * i) + 1]) = _order.SymbolsOf(pairs[i]);
        }
    }

    private void CopyChunks(int seriesRef)
    {
        for (var i = Volatile.Read(ref _state.Rows[seriesRef].FirstChunk); i != 0;)
        {
            ref var slot = ref _state.Chunks[i];
            if (slot.Owner >> 1 == _generation.Index)
            {
                var descriptor = new ChunkDescriptor(Volatile.Read(ref slot.Descriptor));
                _state.Chunks.CopyTo(descriptor, Take(descriptor, slot.MinTime, slot.MaxTime));
            }

            i = Volatile.Read(ref slot.Next);
        }
    }

    private Span<byte> Take(ChunkDescriptor descriptor, long minTime, long maxTime)
    {
        var length = descriptor.Length;
        if (_bytes.Length - _used < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + length));
        }

        _chunks.Add(new SealedChunk(descriptor.Encoding, minTime, maxTime, _used, length));
        _used += length;
        return _bytes.AsSpan(_used - length, length);
    }

    private void Merge()
    {
        _merger.Begin();
        for (var i = 0; i < _chunks.Count; i++)
        {
            _merger.Add(_copies, i, _chunks[i].MinTime, _chunks[i].MaxTime, default);
        }

        _merger.Read(long.MinValue, long.MaxValue, _samples);
        _encoder.Encode(_samples);
        _isMerged = true;
    }

    private readonly record struct SealedChunk(byte Encoding, long MinTime, long MaxTime, int Offset, int Length);

    private sealed class Copies(SealedWindowSource source) : IChunkSource
    {
        public ReadOnlySpan<byte> Chunk(long handle, out byte encoding)
        {
            var chunk = source._chunks[(int)handle];
            encoding = chunk.Encoding;
            return source._bytes.AsSpan(chunk.Offset, chunk.Length);
        }
    }
}
