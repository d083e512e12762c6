using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Xor;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Head;

/// <summary>
/// Reads a sealed generation in the order of labels for the block writer: chunks as they are where they follow each other, merged and written anew
/// (at most 120 samples) where out-of-order samples overlap. For one thread, beside the head's writer. Any member may throw
/// <see cref="WindowTruncatedException"/>.
/// </summary>
public sealed class SealedWindowSource : IBlockSource
{
    private readonly HeadState _state;
    private readonly HeadGeneration _generation;
    private readonly SealedWindowOrder _order;
    private readonly List<SealedChunk> _chunks = [];
    private readonly SampleBuffer _decoded = new();
    private readonly List<(long Time, double Value)> _samples = [];
    private uint[] _labels = new uint[32];
    private int _labelCount;
    private byte[] _bytes = new byte[4096];
    private int _used;
    private int _series = -1;
    private int _chunk = -1;

    internal SealedWindowSource(HeadState state, HeadGeneration generation)
    {
        _state = state;
        _generation = generation;
        using var registration = state.Enter();
        RequirePresent();
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
        _used = 0;
        _chunks.Clear();
        using (_state.Enter())
        {
            RequirePresent();
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
        if (++_chunk >= _chunks.Count)
        {
            chunk = default;
            return false;
        }

        var next = _chunks[_chunk];
        chunk = new BlockChunk(ChunkEncoding.Xor, next.MinTime, next.MaxTime, _bytes.AsSpan(next.Offset, next.Length));
        return true;
    }

    private void RequirePresent()
    {
        if (_generation.Truncated)
        {
            throw new WindowTruncatedException(_generation.Id);
        }
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
                _state.Chunks.CopyTo(descriptor, Take(descriptor.Length, slot.MinTime, slot.MaxTime));
            }

            i = Volatile.Read(ref slot.Next);
        }
    }

    private Span<byte> Take(int length, long minTime, long maxTime)
    {
        if (_bytes.Length - _used < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + length));
        }

        _chunks.Add(new SealedChunk(minTime, maxTime, _used, length));
        _used += length;
        return _bytes.AsSpan(_used - length, length);
    }

    private void Merge()
    {
        _samples.Clear();
        foreach (var chunk in _chunks)
        {
            _decoded.Clear();
            XorChunk.Decode(_bytes.AsSpan(chunk.Offset, chunk.Length), long.MinValue, long.MaxValue, _decoded);
            for (var i = 0; i < _decoded.Count; i++)
            {
                _samples.Add((_decoded.Times[i], _decoded.Values[i]));
            }
        }

        _samples.Sort(static (a, b) => a.Time.CompareTo(b.Time));
        _chunks.Clear();
        _used = 0;
        Span<byte> buffer = stackalloc byte[(ChunkDescriptor.MaxSamples * XorAppender.MaxSampleSize) + XorAppender.HeaderSize];
        var appender = default(XorAppender);
        long first = 0;
        for (var i = 0; i < _samples.Count; i++)
        {
            var (time, value) = _samples[i];
            for (; i + 1 < _samples.Count && _samples[i + 1].Time == time; i++)
            {
                value = SampleConflict.Pick(value, _samples[i + 1].Value);
            }

            if (appender.Count == ChunkDescriptor.MaxSamples)
            {
                Add(buffer, appender, first);
                appender = default;
            }

            if (appender.Count == 0)
            {
                first = time;
            }

            if (!appender.TryAppend(buffer, time, value))
            {
                throw new InvalidOperationException("a chunk outgrew its buffer");
            }
        }

        Add(buffer, appender, first);
    }

    private void Add(ReadOnlySpan<byte> buffer, in XorAppender appender, long first) =>
        buffer[..appender.Length].CopyTo(Take(appender.Length, first, appender.LastTime));

    private readonly record struct SealedChunk(long MinTime, long MaxTime, int Offset, int Length);
}
