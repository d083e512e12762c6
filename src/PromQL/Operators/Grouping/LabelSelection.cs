using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>Which labels count: the listed ones, or all but the listed ones and the metric name. Compares and hashes by these alone.</summary>
internal sealed class LabelSelection : IEqualityComparer<LabelView>
{
    private readonly string[] _names;
    private readonly bool _only;

    private LabelSelection(IReadOnlyList<string> names, bool only)
    {
        var sorted = new SortedSet<string>(names, Comparer<string>.Create(Utf8Order.Compare));
        if (!only)
        {
            sorted.Add(Labels.MetricName);
        }

        _names = [.. sorted];
        _only = only;
    }

    /// <summary><c>by</c> and <c>on</c>.</summary>
    public static LabelSelection Only(IReadOnlyList<string> names) => new(names, only: true);

    /// <summary><c>without</c> and <c>ignoring</c>.</summary>
    public static LabelSelection AllBut(IReadOnlyList<string> names) => new(names, only: false);

    /// <summary>Whether a label would be kept that was added after the fact; <c>by</c> and <c>on</c> take in whatever is added.</summary>
    public bool Keeps(string name) => _only || Array.BinarySearch(_names, name, Comparer<string>.Create(Utf8Order.Compare)) < 0;

    public bool Equals(LabelView x, LabelView y)
    {
        var a = x.Labels.Pairs;
        var b = y.Labels.Pairs;
        int i = 0, j = 0, ni = 0, nj = 0;
        while (true)
        {
            i = Next(a, i, ref ni, x.HideMetadata);
            j = Next(b, j, ref nj, y.HideMetadata);
            if (i >= a.Length || j >= b.Length)
            {
                return i >= a.Length && j >= b.Length;
            }

            if (a[i] != b[j] || a[i + 1] != b[j + 1])
            {
                return false;
            }

            i += 2;
            j += 2;
        }
    }

    public int GetHashCode(LabelView view)
    {
        var pairs = view.Labels.Pairs;
        uint hash = 17;
        var n = 0;
        for (var i = Next(pairs, 0, ref n, view.HideMetadata); i < pairs.Length; i = Next(pairs, i + 2, ref n, view.HideMetadata))
        {
            hash = (hash * 31) + (uint)pairs[i].Length;
            hash = ((hash << 5) | (hash >> 27)) ^ (uint)string.GetHashCode(pairs[i + 1]);
        }

        return (int)hash;
    }

    /// <summary>The labels that count.</summary>
    public Labels Select(Labels labels, bool hideMetadata)
    {
        var pairs = labels.Pairs;
        var kept = new List<string>(pairs.Length);
        var n = 0;
        for (var i = Next(pairs, 0, ref n, hideMetadata); i < pairs.Length; i = Next(pairs, i + 2, ref n, hideMetadata))
        {
            kept.Add(pairs[i]);
            kept.Add(pairs[i + 1]);
        }

        return Labels.FromSortedPairs([.. kept]);
    }

    /// <summary>Position of the next pair that counts, from <paramref name="i"/> on; <paramref name="n"/> walks along the listed names.</summary>
    private int Next(ReadOnlySpan<string> pairs, int i, ref int n, bool hideMetadata)
    {
        for (; i < pairs.Length; i += 2)
        {
            var name = pairs[i];
            var order = -1;
            while (n < _names.Length && (order = Utf8Order.Compare(_names[n], name)) < 0)
            {
                n++;
            }

            var listed = n < _names.Length && order == 0;
            if (listed == _only && !(hideMetadata && MetricNames.IsMetadata(name)))
            {
                return i;
            }

            if (_only && n == _names.Length)
            {
                return pairs.Length;
            }
        }

        return i;
    }
}
