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
        // Lengths of name and value, then the texts themselves, label by label.
        private readonly int[] _lengths;
        private readonly byte[] _text;

        public Entry(int seriesRef, WriteBatch batch, in WriteSeries series, Entry? next)
        {
            Ref = seriesRef;
            Next = next;
            var labels = batch.Labels.Slice(series.FirstLabel, series.LabelCount);
            _lengths = new int[labels.Length * 2];
            var total = 0;
            for (var i = 0; i < labels.Length; i++)
            {
                _lengths[2 * i] = labels[i].NameLength;
                _lengths[(2 * i) + 1] = labels[i].ValueLength;
                total += labels[i].NameLength + labels[i].ValueLength;
            }

            _text = new byte[total];
            var at = 0;
            foreach (ref readonly var label in labels)
            {
                batch.Text.Slice(label.NameOffset, label.NameLength).CopyTo(_text.AsSpan(at));
                batch.Text.Slice(label.ValueOffset, label.ValueLength).CopyTo(_text.AsSpan(at + label.NameLength));
                at += label.NameLength + label.ValueLength;
            }
        }

        public int Ref { get; }

        public Entry? Next { get; set; }

        public bool Is(WriteBatch batch, in WriteSeries series)
        {
            if (series.LabelCount * 2 != _lengths.Length)
            {
                return false;
            }

            var labels = batch.Labels.Slice(series.FirstLabel, series.LabelCount);
            var at = 0;
            for (var i = 0; i < labels.Length; i++)
            {
                ref readonly var label = ref labels[i];
                if (label.NameLength != _lengths[2 * i] || label.ValueLength != _lengths[(2 * i) + 1]
                    || !batch.Text.Slice(label.NameOffset, label.NameLength).SequenceEqual(_text.AsSpan(at, label.NameLength))
                    || !batch.Text.Slice(label.ValueOffset, label.ValueLength).SequenceEqual(_text.AsSpan(at + label.NameLength, label.ValueLength)))
                {
                    return false;
                }

                at += label.NameLength + label.ValueLength;
            }

            return true;
        }
    }
}
