namespace Deucalion.Storage.Head.Index;

/// <summary>
/// Finds refs by routing hash: open addressing over one flat array. Several refs may share a hash; the caller compares labels. For the
/// writer only.
/// </summary>
internal sealed class SeriesLookup
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private const uint Removed = uint.MaxValue;

    // Upper half: upper half of the hash. Lower half: ref + 1; 0 is free.
    private ulong[] _slots = new ulong[16];
    private int _shift = 60;
    private int _used;
    private int _count;

    /// <summary>Bytes of memory held.</summary>
    public long Bytes => (long)_slots.Length * sizeof(ulong);

    /// <summary>Starts a search; its <see cref="Probe.Next"/> then gives the refs.</summary>
    public Probe Find(ulong hash) => new(_slots, hash, _shift);

    /// <summary>Adds a ref.</summary>
    public void Add(ulong hash, int seriesRef)
    {
        if ((_used + 1L) * 4 > _slots.Length * 3L)
        {
            Rehash();
        }

        Put(_slots, _shift, (hash & 0xffffffff00000000) | (uint)(seriesRef + 1), hash);
        _used++;
        _count++;
    }

    /// <summary>Removes a ref that was added with the hash.</summary>
    public void Remove(ulong hash, int seriesRef)
    {
        var mask = _slots.Length - 1;
        for (var i = (int)((hash * Multiplier) >> _shift); _slots[i] != 0; i = (i + 1) & mask)
        {
            if ((uint)_slots[i] == (uint)(seriesRef + 1))
            {
                _slots[i] = Removed;
                _count--;
                return;
            }
        }
    }

    /// <summary>Called while the array is rebuilt: gives the hash of a ref, of which the array has only a half.</summary>
    public required Func<int, ulong> HashOf { get; init; }

    private void Rehash()
    {
        var length = _slots.Length;
        while ((_count + 1L) * 2 > length)
        {
            length *= 2;
        }

        var slots = new ulong[length];
        var shift = 64 - System.Numerics.BitOperations.Log2((uint)length);
        foreach (var slot in _slots)
        {
            if ((uint)slot is not (0 or Removed))
            {
                Put(slots, shift, slot, HashOf((int)(uint)slot - 1));
            }
        }

        _slots = slots;
        _shift = shift;
        _used = _count;
    }

    private static void Put(ulong[] slots, int shift, ulong slot, ulong hash)
    {
        var mask = slots.Length - 1;
        var i = (int)((hash * Multiplier) >> shift);
        while (slots[i] != 0)
        {
            i = (i + 1) & mask;
        }

        slots[i] = slot;
    }

    /// <summary>The refs whose hash may be the one sought.</summary>
    internal ref struct Probe(ulong[] slots, ulong hash, int shift)
    {
        private int _at = (int)((hash * Multiplier) >> shift);

        /// <summary>The next candidate, or -1.</summary>
        public int Next()
        {
            var mask = slots.Length - 1;
            while (true)
            {
                var slot = slots[_at];
                if (slot == 0)
                {
                    return -1;
                }

                _at = (_at + 1) & mask;
                if (slot >> 32 == hash >> 32 && (uint)slot != Removed)
                {
                    return (int)(uint)slot - 1;
                }
            }
        }
    }
}
