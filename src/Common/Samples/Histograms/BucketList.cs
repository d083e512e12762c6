namespace Deucalion.Common.Samples.Histograms;

/// <summary>
/// The buckets of one side of a histogram for computing: index, count and what rounding lost of the count (Neumaier), ascending
/// by index. Mutable, for one thread.
/// </summary>
internal sealed class BucketList
{
    private Entry[] _entries = [];
    private int _count;

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _count);

    public static BucketList Of(HistogramSpan[] spans, double[] counts)
    {
        var list = new BucketList();
        list.Set(spans, counts);
        return list;
    }

    public void Set(HistogramSpan[] spans, double[] counts)
    {
        Clear();
        if (_entries.Length < counts.Length)
        {
            _entries = new Entry[counts.Length];
        }

        var index = 0;
        var at = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++, at++)
            {
                Append(new Entry(index, counts[at], 0));
            }
        }
    }

    public void Clear() => _count = 0;

    /// <summary>Lowers the resolution by <paramref name="delta"/> schemas.</summary>
    public BucketList Reduce(int delta)
    {
        if (delta > 0)
        {
            Fold(delta, static (index, by) => ((index - 1) >> by) + 1);
        }

        return this;
    }

    /// <summary>Gives buckets new indexes that keep their order; equal ones become one bucket.</summary>
    public void Fold<T>(T state, Func<int, T, int> newIndex)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var entry = _entries[i] with { Index = newIndex(_entries[i].Index, state) };
            if (kept > 0 && _entries[kept - 1].Index == entry.Index)
            {
                ref var last = ref _entries[kept - 1];
                last = Sum(last, entry, 1);
            }
            else
            {
                _entries[kept++] = entry;
            }
        }

        _count = kept;
    }

    /// <summary>Removes the lowest <paramref name="count"/> buckets.</summary>
    public void RemoveFirst(int count)
    {
        if (count > 0)
        {
            Array.Copy(_entries, count, _entries, 0, _count - count);
            _count -= count;
        }
    }

    /// <summary>Adds the counts of the other list, times <paramref name="sign"/> (1 or -1).</summary>
    public void Add(BucketList other, double sign)
    {
        if (SameLayout(other))
        {
            for (var i = 0; i < _count; i++)
            {
                _entries[i] = Sum(_entries[i], other._entries[i], sign);
            }

            return;
        }

        var merged = new Entry[_count + other._count];
        int a = 0, b = 0, n = 0;
        while (a < _count || b < other._count)
        {
            if (b == other._count || (a < _count && _entries[a].Index < other._entries[b].Index))
            {
                merged[n++] = _entries[a++];
            }
            else if (a == _count || other._entries[b].Index < _entries[a].Index)
            {
                var entry = other._entries[b++];
                merged[n++] = Sum(new Entry(entry.Index, 0, 0), entry, sign);
            }
            else
            {
                merged[n++] = Sum(_entries[a++], other._entries[b++], sign);
            }
        }

        _entries = merged;
        _count = n;
    }

    /// <summary>Adds buckets, times <paramref name="sign"/>, as they lie there; false, with nothing changed, where some of them are not in the list yet.</summary>
    public bool TryAdd(HistogramSpan[] spans, double[] counts, double sign)
    {
        var other = new BucketCursor(spans, counts);
        for (var i = 0; other.Next(); i++)
        {
            while (i < _count && _entries[i].Index < other.Index)
            {
                i++;
            }

            if (i >= _count || _entries[i].Index != other.Index)
            {
                return false;
            }
        }

        other = new BucketCursor(spans, counts);
        for (var i = 0; other.Next(); i++)
        {
            while (_entries[i].Index < other.Index)
            {
                i++;
            }

            ref var entry = ref _entries[i];
            var (sum, lost) = (entry.Count, entry.Lost);
            Kahan.Add(sign * other.Count, ref sum, ref lost);
            entry = new Entry(entry.Index, sum, lost);
        }

        return true;
    }

    /// <summary>Multiplies all counts.</summary>
    public void Scale(double factor)
    {
        for (var i = 0; i < _count; i++)
        {
            _entries[i] = _entries[i] with { Count = _entries[i].Count * factor, Lost = _entries[i].Lost * factor };
        }
    }

    /// <summary>Divides all counts.</summary>
    public void Divide(double divisor)
    {
        for (var i = 0; i < _count; i++)
        {
            _entries[i] = _entries[i] with { Count = _entries[i].Count / divisor, Lost = _entries[i].Lost / divisor };
        }
    }

    public BucketList Clone() => new() { _entries = (Entry[])_entries.Clone(), _count = _count };

    /// <summary>The layout and counts without empty buckets.</summary>
    public (HistogramSpan[] Spans, double[] Counts) ToSpans()
    {
        var populated = 0;
        for (var i = 0; i < _count; i++)
        {
            populated += _entries[i].Total == 0 ? 0 : 1;
        }

        if (populated == 0)
        {
            return ([], []);
        }

        var counts = new double[populated];
        var spans = new List<HistogramSpan>();
        var n = 0;
        var end = 0;
        foreach (ref readonly var entry in Entries)
        {
            if (entry.Total == 0)
            {
                continue;
            }

            counts[n++] = entry.Total;
            if (spans.Count > 0 && entry.Index == end)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new HistogramSpan(entry.Index - end, 1));
            }

            end = entry.Index + 1;
        }

        return ([.. spans], counts);
    }

    private static Entry Sum(in Entry a, in Entry b, double sign)
    {
        var sum = a.Count;
        var lost = a.Lost;
        Kahan.Add(sign * b.Count, ref sum, ref lost);
        if (b.Lost != 0)
        {
            Kahan.Add(sign * b.Lost, ref sum, ref lost);
        }

        return new Entry(a.Index, sum, lost);
    }

    private bool SameLayout(BucketList other)
    {
        if (_count != other._count)
        {
            return false;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Index != other._entries[i].Index)
            {
                return false;
            }
        }

        return true;
    }

    private void Append(in Entry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(8, _count * 2));
        }

        _entries[_count++] = entry;
    }

    /// <summary>One bucket.</summary>
    internal readonly record struct Entry(int Index, double Count, double Lost)
    {
        public double Total => Count + Lost;
    }
}
