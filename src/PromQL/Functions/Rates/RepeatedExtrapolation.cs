namespace Deucalion.PromQL.Functions.Rates;

/// <summary>
/// <see cref="Extrapolation.Factor"/> from window to window of one series. Samples at regular intervals lie in the same way in every window,
/// and far from zero the values do not matter: the factor, which costs seven divisions, is then that of the window before, bit for bit.
/// </summary>
internal struct RepeatedExtrapolation(double divisor)
{
    private const double Tiny = 1e-290;

    private long _sampledTime;
    private long _toFirst;
    private long _toLast;
    private int _count;
    private double _sampled;
    private double _toStart;
    private double _factor;

    /// <summary>The factor divided by the divisor; first value as for <see cref="Extrapolation.Factor"/>.</summary>
    public double Factor(long first, long last, int count, long rangeStart, long rangeEnd, double firstValue, double increase)
    {
        if (last - first != _sampledTime || count != _count || first - rangeStart != _toFirst || rangeEnd - last != _toLast)
        {
            Remember(first, last, count, rangeStart, rangeEnd);
        }

        // Whether the time since zero limits the extrapolation, decided without a division. Twice, and away from the smallest numbers, is more than
        // rounding could take away; what overflows fails and is computed exactly.
        return !(increase > 0 && firstValue >= 0) || firstValue * _sampled > (2 * _toStart * increase) + Tiny
            ? _factor
            : Extrapolation.Factor(first, last, count, rangeStart, rangeEnd, firstValue, increase, 0) / divisor;
    }

    private void Remember(long first, long last, int count, long rangeStart, long rangeEnd)
    {
        (_sampledTime, _count, _toFirst, _toLast) = (last - first, count, first - rangeStart, rangeEnd - last);
        _sampled = _sampledTime / 1000.0;
        _toStart = Math.Max(_toFirst / 1000.0, _sampled);
        _factor = Extrapolation.Factor(first, last, count, rangeStart, rangeEnd, double.NaN, 0, 0) / divisor;
    }
}
