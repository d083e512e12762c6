using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Memory;

namespace Deucalion.Storage.Head;

/// <summary>
/// Copies series that one search found into a batch, in one registration or several. All of them were there at the same time, and only those are
/// copied that still are: a pair of one of them has been in use ever since, so that its number means the same in every registration.
/// </summary>
internal sealed class SeriesCopy(HeadState state, ChunkSeriesBatch into)
{
    private readonly List<ChunkCopy> _chunks = [];

    // Of each pair met its number in the batch, in the order of the table.
    private readonly PooledTable _pairs = new();
    private readonly PooledColumn<int> _numbers = new();
    private int[] _labels = new int[16];

    /// <summary>Adds a series with copies of its chunks that overlap the range, if there are any. The caller is registered with the epochs.</summary>
    public void Add(int seriesRef, long minTime, long maxTime)
    {
        _chunks.Clear();
        for (var i = Volatile.Read(ref state.Rows[seriesRef].FirstChunk); i != 0;)
        {
            ref var slot = ref state.Chunks[i];

            // The descriptor before the bounds: they then hold for all its samples.
            var descriptor = new ChunkDescriptor(Volatile.Read(ref slot.Descriptor));
            var oldest = Volatile.Read(ref slot.MinTime);
            var newest = Volatile.Read(ref slot.MaxTime);
            if (oldest <= maxTime && newest >= minTime)
            {
                _chunks.Add(new ChunkCopy(oldest, newest, descriptor));
            }

            i = Volatile.Read(ref slot.Next);
        }

        if (_chunks.Count == 0)
        {
            return;
        }

        state.ReaderPause?.Invoke();
        if (_chunks.Count > 1)
        {
            _chunks.Sort(static (a, b) => a.MinTime != b.MinTime ? a.MinTime.CompareTo(b.MinTime) : a.MaxTime.CompareTo(b.MaxTime));
        }

        into.BeginSeries(LabelsOf(seriesRef));
        foreach (ref readonly var chunk in CollectionsMarshal.AsSpan(_chunks))
        {
            var descriptor = chunk.Descriptor;
            state.Chunks.CopyTo(descriptor, into.AddChunk(descriptor.Encoding, chunk.MinTime, chunk.MaxTime, descriptor.Length));
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _pairs.Release();
        _numbers.Release();
    }

    private ReadOnlySpan<int> LabelsOf(int seriesRef)
    {
        var pairs = state.Index.PairsOf(state.Identities[seriesRef]);
        if (pairs.Length > _labels.Length)
        {
            _labels = new int[pairs.Length];
        }

        for (var i = 0; i < pairs.Length; i++)
        {
            // An odd factor takes no two numbers to the same.
            var hash = unchecked((uint)pairs[i] * 0x9E3779B1);
            uint probe = 0;
            var known = _pairs.Next(hash, ref probe);
            _labels[i] = known >= 0 ? _numbers[known] : AddPair(pairs[i], hash);
        }

        return _labels.AsSpan(0, pairs.Length);
    }

    private int AddPair(int pair, uint hash)
    {
        var index = state.Index;
        var numbers = into.Labels.Pairs;
        var number = numbers.Number(numbers.Name(index.NameText(pair)), index.ValueBytes(pair), index.SharedValueText(pair));
        _numbers.Add(number);
        _pairs.Add(hash);
        return number;
    }

    private readonly record struct ChunkCopy(long MinTime, long MaxTime, ChunkDescriptor Descriptor);
}
