using System.Runtime.InteropServices;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>
/// Numbers label sets by the labels that count for a <c>by</c>, <c>without</c>, <c>on</c> or <c>ignoring</c>: sets that agree in them get the same
/// number. Text is looked at once for each pair of a selection; a series costs a look at the numbers of its pairs.
/// </summary>
/// <param name="selection">The labels that count.</param>
internal sealed class LabelGrouping(LabelSelection selection) : IDisposable
{
    // The groups as sets of pairs that have numbers of this grouping, found by these.
    private readonly LabelSets _groups = new();
    private readonly PooledTable _table = new();
    private readonly List<PairTranslation> _translations = [];
    private PairTranslation? _last;
    private int[] _numbers = new int[16];

    public LabelSelection Selection => selection;

    /// <summary>Number of groups so far.</summary>
    public int Count => _groups.Count;

    /// <summary>Number of the labels' group; a new group gets the next one.</summary>
    public int IdOf(SeriesLabels labels, bool hideMetadata)
    {
        var numbers = Translate(labels, hideMetadata);
        var id = Find(numbers, out var hash);
        if (id < 0)
        {
            id = _table.Add(hash);
            _groups.Add(numbers);
        }

        return id;
    }

    /// <summary>Number of the labels' group, or -1 where there is none.</summary>
    public int Find(SeriesLabels labels, bool hideMetadata) => Find(Translate(labels, hideMetadata), out _);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _groups.Dispose();
        _table.Release();
        _translations.ForEach(static t => t.Dispose());
    }

    private int Find(ReadOnlySpan<int> numbers, out uint hash)
    {
        hash = SeededHash.Finish(SeededHash.Add(SeededHash.Seed, MemoryMarshal.AsBytes(numbers)));
        for (uint probe = 0; _table.Next(hash, ref probe) is var id && id >= 0;)
        {
            if (_groups.PairsAt(id).SequenceEqual(numbers))
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>The pairs that count, as numbers of this grouping.</summary>
    private ReadOnlySpan<int> Translate(SeriesLabels labels, bool hideMetadata)
    {
        if (labels.Pairs is null)
        {
            return Translate(labels.Whole, hideMetadata);
        }

        var translation = TranslationOf(labels.Pairs, hideMetadata);
        var pairs = labels.Numbers;
        MakeRoom(pairs.Length);
        var count = 0;
        foreach (var pair in pairs)
        {
            var number = translation.NumberOf(pair);
            _numbers[count] = number;
            count += number >= 0 ? 1 : 0;
        }

        return _numbers.AsSpan(0, count);
    }

    private ReadOnlySpan<int> Translate(Labels labels, bool hideMetadata)
    {
        MakeRoom(labels.Count);
        var count = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            if (selection.Counts(labels.NameAt(i), hideMetadata))
            {
                _numbers[count++] = _groups.Pairs.Number(labels.NameAt(i), labels.ValueAt(i));
            }
        }

        return _numbers.AsSpan(0, count);
    }

    private void MakeRoom(int labels)
    {
        if (labels > _numbers.Length)
        {
            _numbers = new int[labels];
        }
    }

    private PairTranslation TranslationOf(LabelPairs pairs, bool hideMetadata)
    {
        if (_last is not null && _last.From == pairs && _last.HidesMetadata == hideMetadata)
        {
            return _last;
        }

        foreach (var translation in _translations)
        {
            if (translation.From == pairs && translation.HidesMetadata == hideMetadata)
            {
                return _last = translation;
            }
        }

        _translations.Add(_last = new PairTranslation(pairs, _groups.Pairs, selection, hideMetadata));
        return _last;
    }
}
