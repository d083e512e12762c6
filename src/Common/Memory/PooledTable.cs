using System.Numerics;

namespace Deucalion.Common.Memory;

/// <summary>
/// A hash table over entries that their owner keeps, numbered 0, 1, 2 … in the order in which they are added: it holds the numbers and their
/// hashes, in pooled memory. Written by one thread, then read by many.
/// </summary>
public sealed class PooledTable
{
    private const int SmallestTable = 16;

    // Hash in the upper half, one more than the number in the lower; 0 is free.
    private PooledColumn<ulong> _slots = new();
    private int _mask = -1;

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Bytes => _slots.Bytes;

    /// <summary>
    /// Walks the entries that have a hash: <paramref name="probe"/> is 0 at first and goes on from call to call. Returns the number of the next
    /// one, or -1 where there is none left.
    /// </summary>
    public int Next(uint hash, ref uint probe)
    {
        if (_mask < 0)
        {
            return -1;
        }

        while (true)
        {
            var slot = _slots[(int)((hash + probe) & (uint)_mask)];
            if (slot == 0)
            {
                return -1;
            }

            probe++;
            if ((uint)(slot >> 32) == hash)
            {
                return (int)(uint)slot - 1;
            }
        }
    }

    /// <summary>Adds the next entry with its hash; returns its number.</summary>
    public int Add(uint hash)
    {
        if (2 * (Count + 1) > _mask + 1)
        {
            Resize(Math.Max(SmallestTable, 2 * (_mask + 1)));
        }

        Put(((ulong)hash << 32) | (uint)++Count);
        return Count - 1;
    }

    /// <summary>Makes room for a number of entries in all.</summary>
    public void EnsureCapacity(int entries)
    {
        var needed = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestTable, 2L * entries));
        if (needed > _mask + 1)
        {
            Resize(needed);
        }
    }

    /// <summary>Forgets all entries and gives the memory back.</summary>
    public void Release()
    {
        _slots.Release();
        (_mask, Count) = (-1, 0);
    }

    private void Resize(int length)
    {
        var old = _slots;
        _slots = new PooledColumn<ulong>();
        _slots.AddRepeated(0, length);
        _mask = length - 1;
        for (var i = 0; i < old.Count; i++)
        {
            if (old[i] != 0)
            {
                Put(old[i]);
            }
        }

        old.Release();
    }

    private void Put(ulong slot)
    {
        var i = (int)((uint)(slot >> 32) & (uint)_mask);
        while (_slots[i] != 0)
        {
            i = (i + 1) & _mask;
        }

        _slots[i] = slot;
    }
}
