using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Deucalion.Storage.Index;

/// <summary>Series numbers in pooled memory. Added in any order, then <see cref="Sort"/>ed; the set operations need sorted sets.</summary>
internal sealed class SeriesIdSet : IDisposable
{
    private uint[] _ids = ArrayPool<uint>.Shared.Rent(1024);

    public int Count { get; private set; }

    public ReadOnlySpan<uint> Ids => _ids.AsSpan(0, Count);

    /// <summary>Adds the big-endian numbers of a postings list.</summary>
    public void AddBigEndian(ReadOnlySpan<byte> list)
    {
        var source = MemoryMarshal.Cast<byte, uint>(list);
        Reserve(source.Length);
        BinaryPrimitives.ReverseEndianness(source, _ids.AsSpan(Count));
        Count += source.Length;
    }

    /// <summary>Adds a number.</summary>
    public void Add(uint id)
    {
        Reserve(1);
        _ids[Count++] = id;
    }

    /// <summary>Puts the numbers in order and drops repeated ones.</summary>
    public void Sort()
    {
        var ids = _ids.AsSpan(0, Count);
        var sorted = true;
        for (var i = 1; i < ids.Length && sorted; i++)
        {
            sorted = ids[i] > ids[i - 1];
        }

        if (sorted)
        {
            return;
        }

        ids.Sort();
        var kept = 1;
        for (var i = 1; i < ids.Length; i++)
        {
            if (ids[i] != ids[i - 1])
            {
                ids[kept++] = ids[i];
            }
        }

        Count = kept;
    }

    /// <summary>Keeps what is in the other set too.</summary>
    public void IntersectWith(SeriesIdSet other) => Keep(other.Ids, true);

    /// <summary>Drops what is in the other set.</summary>
    public void Subtract(SeriesIdSet other) => Keep(other.Ids, false);

    public void Dispose()
    {
        if (_ids.Length > 0)
        {
            ArrayPool<uint>.Shared.Return(_ids);
            _ids = [];
            Count = 0;
        }
    }

    private void Reserve(int more)
    {
        if (Count + more > _ids.Length)
        {
            var larger = ArrayPool<uint>.Shared.Rent(Math.Max(_ids.Length * 2, Count + more));
            Ids.CopyTo(larger);
            ArrayPool<uint>.Shared.Return(_ids);
            _ids = larger;
        }
    }

    private void Keep(ReadOnlySpan<uint> other, bool ifPresent)
    {
        var ids = _ids;
        var kept = 0;
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            var id = ids[i];
            at = Advance(other, at, id);
            var present = at < other.Length && other[at] == id;
            if (present == ifPresent)
            {
                ids[kept++] = id;
            }
        }

        Count = kept;
    }

    // First position from `from` on whose number is not smaller; gallops, so that a short list meets a long one cheaply.
    private static int Advance(ReadOnlySpan<uint> ids, int from, uint id)
    {
        if (from >= ids.Length || ids[from] >= id)
        {
            return from;
        }

        var step = 1;
        var low = from;
        while (from + step < ids.Length && ids[from + step] < id)
        {
            low = from + step;
            step <<= 1;
        }

        var high = Math.Min(from + step, ids.Length);
        while (low + 1 < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            if (ids[middle] < id)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return high;
    }
}
