namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>The buckets of one classic histogram at one step: upper bounds ascending, cumulative counts. Mutable, reused from step to step.</summary>
internal sealed class ClassicBuckets
{
    private const double SmallDelta = 1e-12;

    private double[] _bounds = new double[16];
    private double[] _counts = new double[16];

    public int Count { get; private set; }

    /// <summary>Whether the last repair found counts that fell by more than rounding explains.</summary>
    public bool WasNotMonotonic { get; private set; }

    /// <summary>Where and how far they fell.</summary>
    public (double MinBucket, double MaxBucket, double MaxDiff) Extent { get; private set; }

    public void Clear() => Count = 0;

    /// <summary>Adds a bucket; bounds must not descend, equal ones become one bucket.</summary>
    public void Add(double bound, double count)
    {
        if (Count > 0 && _bounds[Count - 1] == bound)
        {
            _counts[Count - 1] += count;
            return;
        }

        if (Count == _bounds.Length)
        {
            Array.Resize(ref _bounds, Count * 2);
            Array.Resize(ref _counts, Count * 2);
        }

        _bounds[Count] = bound;
        _counts[Count++] = count;
    }

    public double Quantile(double q)
    {
        WasNotMonotonic = false;
        if (double.IsNaN(q))
        {
            return double.NaN;
        }

        if (q < 0 || q > 1)
        {
            return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (!EndsAtInfinity)
        {
            return double.NaN;
        }

        MakeMonotonic();
        var total = _counts[Count - 1];
        if (Count < 2 || total == 0)
        {
            return double.NaN;
        }

        var rank = q * total;
        var b = 0;
        while (b < Count - 1 && !(_counts[b] >= rank))
        {
            b++;
        }

        if (b == Count - 1)
        {
            return _bounds[Count - 2];
        }

        if (b == 0)
        {
            return _bounds[0] <= 0 ? _bounds[0] : _bounds[0] * (rank / _counts[0]);
        }

        var below = _counts[b - 1];
        return _bounds[b - 1] + ((_bounds[b] - _bounds[b - 1]) * ((rank - below) / (_counts[b] - below)));
    }

    public double Fraction(double lower, double upper)
    {
        if (!EndsAtInfinity || _counts[Count - 1] == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }

        var total = _counts[Count - 1];
        return lower >= upper ? 0 : (Rank(upper) - Rank(lower)) / total;
    }

    private bool EndsAtInfinity => Count > 0 && double.IsPositiveInfinity(_bounds[Count - 1]);

    /// <summary>How many observations lie below a value, as far as the buckets tell.</summary>
    private double Rank(double value)
    {
        double rank = 0;
        for (var i = 0; i < Count; i++)
        {
            var lower = i > 0 ? _bounds[i - 1] : _bounds[0] > 0 ? 0 : double.NegativeInfinity;
            if (lower >= value)
            {
                return Math.Min(rank, _counts[Count - 1]);
            }

            if (_bounds[i] > value)
            {
                var share = double.IsNegativeInfinity(lower) ? 1 : (value - lower) / (_bounds[i] - lower);
                return Math.Min(rank + ((_counts[i] - rank) * share), _counts[Count - 1]);
            }

            rank = _counts[i];
        }

        return _counts[Count - 1];
    }

    private void MakeMonotonic()
    {
        var previous = _counts[0];
        var (min, max, diff) = (0.0, 0.0, 0.0);
        for (var i = 1; i < Count; i++)
        {
            var current = _counts[i];
            if (current == previous)
            {
                continue;
            }

            if (Math.Abs(current - previous) / (Math.Abs(current) + Math.Abs(previous)) < SmallDelta)
            {
                _counts[i] = previous;
                continue;
            }

            if (current < previous)
            {
                min = WasNotMonotonic ? Math.Min(min, _bounds[i]) : _bounds[i];
                max = WasNotMonotonic ? Math.Max(max, _bounds[i]) : _bounds[i];
                diff = Math.Max(diff, previous - current);
                WasNotMonotonic = true;
                _counts[i] = previous;
                continue;
            }

            previous = current;
        }

        Extent = (min, max, diff);
    }
}
