namespace Deucalion.Common.Samples.Histograms;

/// <summary>What came up while histograms were added.</summary>
[Flags]
public enum HistogramSumNotes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A counter reset met a sample known to follow without one.</summary>
    CounterResetCollision = 1,

    /// <summary>Custom bounds differed; only the common ones remain.</summary>
    ReconciledBounds = 2,
}

/// <summary>
/// Adds and subtracts native histograms: layouts are brought to the lowest resolution, the widest zero bucket and the common custom
/// bounds among them. Mutable, reusable, for one thread; the operands are not changed.
/// </summary>
public sealed class HistogramSum
{
    private BucketList _positive = new();
    private BucketList _negative = new();
    private BucketList _otherPositive = new();
    private BucketList _otherNegative = new();
    private double[] _bounds = [];
    private double _zeroThreshold;
    private double _zeroCount, _zeroLost, _count, _countLost, _sum, _sumLost;

    /// <summary>Resolution as it stands.</summary>
    public int Schema { get; private set; }

    /// <summary>Hint as it stands.</summary>
    public CounterResetHint Hint { get; set; }

    /// <summary>All observations as they stand.</summary>
    public double Count => _count + _countLost;

    /// <summary>Sum of observations as it stands.</summary>
    public double Sum => _sum + _sumLost;

    /// <summary>Starts over from one histogram.</summary>
    public void Start(FloatHistogram first)
    {
        Schema = first.Schema;
        Hint = first.CounterResetHint;
        _bounds = first.CustomValues;
        _zeroThreshold = first.ZeroThreshold;
        (_zeroCount, _zeroLost) = (first.ZeroCount, 0);
        (_count, _countLost) = (first.Count, 0);
        (_sum, _sumLost) = (first.Sum, 0);
        _positive.Set(first.PositiveSpans, first.PositiveBuckets);
        _negative.Set(first.NegativeSpans, first.NegativeBuckets);
    }

    /// <summary>Whether a histogram has the same kind of bounds, exponential or custom.</summary>
    public bool IsCompatible(FloatHistogram other) => other.UsesCustomBuckets() == (Schema == FloatHistogram.CustomBucketsSchema);

    /// <summary>Adds a compatible histogram.</summary>
    public HistogramSumNotes Add(FloatHistogram other) => Combine(other, 1, 1);

    /// <summary>Subtracts a compatible histogram; the hint is left to the caller.</summary>
    public HistogramSumNotes Subtract(FloatHistogram other) => Combine(other, -1, 1);

    /// <summary>Adds a compatible histogram divided by a number.</summary>
    public HistogramSumNotes AddDivided(FloatHistogram other, double divisor) => Combine(other, 1, divisor);

    /// <summary>A copy that goes its own way.</summary>
    public HistogramSum Clone()
    {
        var copy = (HistogramSum)MemberwiseClone();
        copy._positive = _positive.Clone();
        copy._negative = _negative.Clone();
        copy._otherPositive = new BucketList();
        copy._otherNegative = new BucketList();
        return copy;
    }

    /// <summary>Multiplies everything; the hint stays.</summary>
    public void Scale(double factor)
    {
        _zeroCount *= factor;
        _zeroLost *= factor;
        _count *= factor;
        _countLost *= factor;
        _sum *= factor;
        _sumLost *= factor;
        _positive.Scale(factor);
        _negative.Scale(factor);
    }

    /// <summary>Divides everything; the hint stays.</summary>
    public void Divide(double divisor)
    {
        _zeroCount /= divisor;
        _zeroLost /= divisor;
        _count /= divisor;
        _countLost /= divisor;
        _sum /= divisor;
        _sumLost /= divisor;
        _positive.Divide(divisor);
        _negative.Divide(divisor);
    }

    /// <summary>Whether the count, the sum or any bucket has overflowed.</summary>
    public bool HasOverflown()
    {
        if (double.IsInfinity(_zeroCount) || double.IsInfinity(_count) || double.IsInfinity(_sum))
        {
            return true;
        }

        return AnyInfinite(_positive.Entries) || AnyInfinite(_negative.Entries);
    }

    /// <summary>The result so far, without empty buckets.</summary>
    public FloatHistogram ToHistogram()
    {
        var (positiveSpans, positive) = _positive.ToSpans();
        var (negativeSpans, negative) = _negative.ToSpans();
        return new FloatHistogram
        {
            CounterResetHint = Hint,
            Schema = Schema,
            ZeroThreshold = _zeroThreshold,
            ZeroCount = _zeroCount + _zeroLost,
            Count = Count,
            Sum = Sum,
            PositiveSpans = positiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = negativeSpans,
            NegativeBuckets = negative,
            CustomValues = _bounds,
        };
    }

    private static bool AnyInfinite(ReadOnlySpan<BucketList.Entry> entries)
    {
        foreach (ref readonly var entry in entries)
        {
            if (double.IsInfinity(entry.Count))
            {
                return true;
            }
        }

        return false;
    }

    private HistogramSumNotes Combine(FloatHistogram other, double sign, double divisor)
    {
        var notes = JoinHint(other.CounterResetHint) ? HistogramSumNotes.CounterResetCollision : HistogramSumNotes.None;
        if (divisor == 1 && TryCombineAsIs(other, sign))
        {
            return notes;
        }

        _otherPositive.Set(other.PositiveSpans, other.PositiveBuckets);
        _otherNegative.Set(other.NegativeSpans, other.NegativeBuckets);
        var otherZero = other.ZeroCount;
        if (Schema == FloatHistogram.CustomBucketsSchema)
        {
            notes |= JoinBounds(other.CustomValues) ? HistogramSumNotes.ReconciledBounds : HistogramSumNotes.None;
        }
        else
        {
            otherZero = JoinZeroBuckets(other);
            JoinSchemas(other.Schema);
        }

        if (divisor != 1)
        {
            _otherPositive.Divide(divisor);
            _otherNegative.Divide(divisor);
        }

        Kahan.Add(sign * otherZero / divisor, ref _zeroCount, ref _zeroLost);
        Kahan.Add(sign * other.Count / divisor, ref _count, ref _countLost);
        Kahan.Add(sign * other.Sum / divisor, ref _sum, ref _sumLost);
        _positive.Add(_otherPositive, sign);
        _negative.Add(_otherNegative, sign);
        return notes;
    }

    // Nothing has to be converted where the bounds are the same and the other one's buckets are among those here.
    private bool TryCombineAsIs(FloatHistogram other, double sign)
    {
        var sameBounds = other.Schema == Schema && (Schema == FloatHistogram.CustomBucketsSchema
            ? _bounds.AsSpan().SequenceEqual(other.CustomValues)
            : other.ZeroThreshold == _zeroThreshold && HistogramDifference.IsOutsideZero(other));
        if (!sameBounds || !_positive.TryAdd(other.PositiveSpans, other.PositiveBuckets, sign))
        {
            return false;
        }

        if (!_negative.TryAdd(other.NegativeSpans, other.NegativeBuckets, sign))
        {
            _otherNegative.Set(other.NegativeSpans, other.NegativeBuckets);
            _negative.Add(_otherNegative, sign);
        }

        Kahan.Add(sign * other.ZeroCount, ref _zeroCount, ref _zeroLost);
        Kahan.Add(sign * other.Count, ref _count, ref _countLost);
        Kahan.Add(sign * other.Sum, ref _sum, ref _sumLost);
        return true;
    }

    private bool JoinHint(CounterResetHint other)
    {
        if (other == Hint || Hint == CounterResetHint.Gauge)
        {
            return false;
        }

        if (other == CounterResetHint.Gauge)
        {
            Hint = CounterResetHint.Gauge;
            return false;
        }

        var collision = Hint != CounterResetHint.Unknown && other != CounterResetHint.Unknown;
        Hint = CounterResetHint.Unknown;
        return collision;
    }

    private void JoinSchemas(int otherSchema)
    {
        if (otherSchema < Schema)
        {
            _positive.Reduce(Schema - otherSchema);
            _negative.Reduce(Schema - otherSchema);
            Schema = otherSchema;
        }
        else
        {
            _otherPositive.Reduce(otherSchema - Schema);
            _otherNegative.Reduce(otherSchema - Schema);
        }
    }

    /// <summary>Widens the zero buckets to one threshold and returns what the other side's then holds.</summary>
    private double JoinZeroBuckets(FloatHistogram other)
    {
        var otherThreshold = other.ZeroThreshold;
        var otherCount = other.ZeroCount;
        while (otherThreshold != _zeroThreshold)
        {
            if (_zeroThreshold > otherThreshold)
            {
                (otherThreshold, otherCount) = ZeroBucketWidening.Widen(
                    other.Schema, other.ZeroCount, other.ZeroThreshold, _otherPositive, _otherNegative, _zeroThreshold);
            }

            if (otherThreshold > _zeroThreshold)
            {
                (_zeroThreshold, _zeroCount) = ZeroBucketWidening.Widen(Schema, _zeroCount, _zeroThreshold, _positive, _negative, otherThreshold);
                ZeroBucketWidening.Trim(Schema, _positive, _negative, _zeroThreshold);
            }
        }

        ZeroBucketWidening.TrimWhole(other.Schema, _otherPositive, _otherNegative, _zeroThreshold);
        return otherCount;
    }

    private bool JoinBounds(double[] otherBounds)
    {
        if (_bounds.AsSpan().SequenceEqual(otherBounds))
        {
            return false;
        }

        var common = CustomBounds.Intersect(_bounds, otherBounds);
        CustomBounds.Fold(_positive, _bounds, common);
        CustomBounds.Fold(_otherPositive, otherBounds, common);
        _bounds = common;
        return true;
    }
}
