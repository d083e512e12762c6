namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>
/// A binary heap with the least wanted element on top, which moves its elements exactly as Prometheus's does: which of equal values
/// stays, and in what order elements come out, depends on it.
/// </summary>
internal sealed class ElementHeap(bool isTop)
{
    // Up to here Prometheus's sort is an insertion sort; the order of equal values in longer lists is not defined.
    private const int InsertionSorted = 12;

    private readonly List<(double Value, int Series)> _entries = [];

    /// <summary>The elements in the order of the heap.</summary>
    public IReadOnlyList<(double Value, int Series)> Entries => _entries;

    /// <summary>Adds an element, whatever its value.</summary>
    public void Push(double value, int series)
    {
        _entries.Add((value, series));
        var j = _entries.Count - 1;
        while (j > 0 && IsWorse(j, (j - 1) / 2))
        {
            Swap(j, (j - 1) / 2);
            j = (j - 1) / 2;
        }
    }

    /// <summary>Takes the value in if it is among the best <paramref name="limit"/>; returns whether there is one entry more now.</summary>
    public bool Offer(double value, int series, int limit)
    {
        if (_entries.Count < limit)
        {
            Push(value, series);
            return true;
        }

        var worst = _entries[0].Value;
        if ((isTop ? worst < value : worst > value) || (double.IsNaN(worst) && !double.IsNaN(value)))
        {
            _entries[0] = (value, series);
            Down();
        }

        return false;
    }

    /// <summary>The elements, best first.</summary>
    public List<(double Value, int Series)> Ranked()
    {
        if (_entries.Count > InsertionSorted)
        {
            return [.. _entries.OrderBy(static e => double.IsNaN(e.Value)).ThenBy(e => isTop ? -e.Value : e.Value)];
        }

        for (var i = 1; i < _entries.Count; i++)
        {
            for (var j = i; j > 0 && IsWorse(j - 1, j); j--)
            {
                Swap(j, j - 1);
            }
        }

        return _entries;
    }

    private void Down()
    {
        var i = 0;
        while ((2 * i) + 1 < _entries.Count)
        {
            var child = (2 * i) + 1;
            if (child + 1 < _entries.Count && IsWorse(child + 1, child))
            {
                child++;
            }

            if (!IsWorse(child, i))
            {
                return;
            }

            Swap(i, child);
            i = child;
        }
    }

    private bool IsWorse(int i, int j)
    {
        var (a, b) = (_entries[i].Value, _entries[j].Value);
        return double.IsNaN(a) || (isTop ? a < b : a > b);
    }

    private void Swap(int i, int j) => (_entries[i], _entries[j]) = (_entries[j], _entries[i]);
}
