namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Keeps the best few values; NaN is worse than any number, of equal values the one that came first stays.</summary>
internal sealed class RankHeap(bool isTop)
{
    private readonly List<(double Value, int Series)> _entries = [];

    /// <summary>Takes the value in if it is among the best <paramref name="limit"/>; returns whether there is one entry more now.</summary>
    public bool Offer(double value, int series, int limit)
    {
        if (_entries.Count < limit)
        {
            _entries.Add((value, series));
            Up(_entries.Count - 1);
            return true;
        }

        if (IsWorse(_entries[0], (value, series)))
        {
            _entries[0] = (value, series);
            Down(0);
        }

        return false;
    }

    /// <summary>The entries, best first.</summary>
    public List<(double Value, int Series)> Ranked()
    {
        _entries.Sort((a, b) => IsWorse(a, b) ? 1 : IsWorse(b, a) ? -1 : 0);
        return _entries;
    }

    private bool IsWorse((double Value, int Series) a, (double Value, int Series) b)
    {
        if (a.Value == b.Value || (double.IsNaN(a.Value) && double.IsNaN(b.Value)))
        {
            return a.Series > b.Series;
        }

        if (double.IsNaN(a.Value) || double.IsNaN(b.Value))
        {
            return double.IsNaN(a.Value);
        }

        return isTop ? a.Value < b.Value : a.Value > b.Value;
    }

    private void Up(int i)
    {
        while (i > 0 && IsWorse(_entries[i], _entries[(i - 1) / 2]))
        {
            (_entries[i], _entries[(i - 1) / 2]) = (_entries[(i - 1) / 2], _entries[i]);
            i = (i - 1) / 2;
        }
    }

    private void Down(int i)
    {
        while (true)
        {
            var worst = i;
            for (var child = (2 * i) + 1; child <= (2 * i) + 2 && child < _entries.Count; child++)
            {
                worst = IsWorse(_entries[child], _entries[worst]) ? child : worst;
            }

            if (worst == i)
            {
                return;
            }

            (_entries[i], _entries[worst]) = (_entries[worst], _entries[i]);
            i = worst;
        }
    }
}
