using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head;

/// <summary>Series whose definitions are staged and not yet applied, found by labels. Allocates for each new series, nothing for known ones.</summary>
internal sealed class StagedSeries
{
    private readonly Dictionary<ulong, Entry> _byHash = [];

    /// <summary>Number of series.</summary>
    public int Count { get; private set; }

    /// <summary>The ref staged for the labels, or -1.</summary>
    public int Find(ulong hash, WriteBatch batch, in WriteSeries series)
    {
        if (Count == 0)
        {
            return -1;
        }

        for (var entry = _byHash.GetValueOrDefault(hash); entry is not null; entry = entry.Next)
        {
            if (entry.Is(batch, series))
            {
                return entry.Ref;
            }
        }

        return -1;
    }

    /// <summary>Adds a series.</summary>
    public void Add(ulong hash, int seriesRef, WriteBatch batch, in WriteSeries series)
    {
        _byHash[hash] = new Entry(seriesRef, batch, series, _byHash.GetValueOrDefault(hash));
        Count++;
    }

    /// <summary>Removes a series whose definition has been applied.</summary>
    public void Remove(ulong hash, int seriesRef)
    {
        Entry? before = null;
        for (var entry = _byHash.GetValueOrDefault(hash); entry is not null; before = entry, entry = entry.Next)
        {
            if (entry.Ref != seriesRef)
            {
                continue;
            }

            if (before is not null)
            {
                before.Next = entry.Next;
            }
            else if (entry.Next is not null)
            {
                _byHash[hash] = entry.Next;
            }
            else
            {
                _byHash.Remove(hash);
            }

            Count--;
            return;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _byHash.Clear();
        Count = 0;
    }

    private sealed class Entry
    {
        private readonly byte[][] _labels;

        public Entry(int seriesRef, WriteBatch batch, in WriteSeries series, Entry? next)
        {
            Ref = seriesRef;
            Next = next;
            _labels = new byte[series.LabelCount * 2][];
            for (var i = 0; i < series.LabelCount; i++)
            {
                var label = batch.Labels[series.FirstLabel + i];
                _labels[2 * i] = batch.Text.Slice(label.NameOffset, label.NameLength).ToArray();
                _labels[(2 * i) + 1] = batch.Text.Slice(label.ValueOffset, label.ValueLength).ToArray();
            }
        }

        public int Ref { get; }

        public Entry? Next { get; set; }

        public bool Is(WriteBatch batch, in WriteSeries series)
        {
            if (series.LabelCount * 2 != _labels.Length)
            {
                return false;
            }

            for (var i = 0; i < series.LabelCount; i++)
            {
                var label = batch.Labels[series.FirstLabel + i];
                if (!batch.Text.Slice(label.NameOffset, label.NameLength).SequenceEqual(_labels[2 * i])
                    || !batch.Text.Slice(label.ValueOffset, label.ValueLength).SequenceEqual(_labels[(2 * i) + 1]))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
