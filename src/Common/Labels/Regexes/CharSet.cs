namespace Deucalion.Common.Labels.Regexes;

/// <summary>A set of code points as sorted, disjoint, inclusive ranges. Immutable.</summary>
internal sealed class CharSet
{
    public const int MaxRune = 0x10FFFF;

    /// <summary>All code points.</summary>
    public static readonly CharSet Full = new([(0, MaxRune)]);

    /// <summary>All but the line feed.</summary>
    public static readonly CharSet NotNewline = new([(0, '\n' - 1), ('\n' + 1, MaxRune)]);

    private readonly (int Low, int High)[] _ranges;

    private CharSet((int Low, int High)[] ranges)
    {
        _ranges = ranges;
    }

    public ReadOnlySpan<(int Low, int High)> Ranges => _ranges;

    /// <summary>The only code point, or -1.</summary>
    public int Single => _ranges is [var only] && only.Low == only.High ? only.Low : -1;

    public bool IsFull => _ranges is [(0, MaxRune)];

    /// <summary>Number of code points.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var (low, high) in _ranges)
            {
                count += high - low + 1;
            }

            return count;
        }
    }

    public static CharSet Of(int rune) => new([(rune, rune)]);

    /// <summary>Sorts and joins ranges.</summary>
    public static CharSet Of(List<(int Low, int High)> ranges)
    {
        ranges.Sort();
        var joined = new List<(int Low, int High)>(ranges.Count);
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && range.Low <= joined[^1].High + 1)
            {
                joined[^1] = (joined[^1].Low, Math.Max(joined[^1].High, range.High));
            }
            else
            {
                joined.Add(range);
            }
        }

        return new CharSet([.. joined]);
    }

    public bool Contains(int rune)
    {
        var low = 0;
        var high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rune < _ranges[middle].Low)
            {
                high = middle - 1;
            }
            else if (rune > _ranges[middle].High)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    public CharSet Negate()
    {
        var ranges = new List<(int Low, int High)>();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next)
            {
                ranges.Add((next, low - 1));
            }

            next = high + 1;
        }

        if (next <= MaxRune)
        {
            ranges.Add((next, MaxRune));
        }

        return new CharSet([.. ranges]);
    }

    /// <summary>With every code point that differs from one in it by case only.</summary>
    public CharSet Fold()
    {
        var ranges = new List<(int Low, int High)>(_ranges);
        foreach (var orbit in CaseOrbits.All)
        {
            if (Array.Exists(orbit, Contains))
            {
                foreach (var rune in orbit)
                {
                    ranges.Add((rune, rune));
                }
            }
        }

        return Of(ranges);
    }
}
