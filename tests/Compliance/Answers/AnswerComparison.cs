using Deucalion.Common.Labels;

namespace Deucalion.Compliance.Answers;

/// <summary>
/// Compares two answers. A number agrees within <paramref name="relative"/> of the larger of both magnitudes, or of
/// <paramref name="magnitude"/>, the largest input; NaN agrees with NaN, infinities with themselves.
/// </summary>
public sealed class AnswerComparison(double relative, double magnitude)
{
    /// <summary>Numbers that agreed only because of the input's magnitude.</summary>
    public int NeededMagnitude { get; private set; }

    /// <summary>Null where both agree, else the first difference. Order of series does not matter.</summary>
    public string? Difference(Answer expected, Answer actual)
    {
        if (expected.Error is not null || actual.Error is not null)
        {
            return expected.Error is null ? "an error where a result is expected"
                : actual.Error is null ? "a result where an error is expected"
                : expected.Error == actual.Error ? null
                : "another error";
        }

        if (expected.Type != actual.Type || expected.Text != actual.Text)
        {
            return $"{expected.Type} {expected.Text} expected, got {actual.Type} {actual.Text}";
        }

        var byLabels = new Dictionary<Labels, AnswerSeries>();
        foreach (var series in actual.Series)
        {
            if (!byLabels.TryAdd(series.Labels, series))
            {
                return $"{series.Labels} comes twice";
            }
        }

        foreach (var series in expected.Series)
        {
            if (!byLabels.Remove(series.Labels, out var other))
            {
                return $"{series.Labels} is missing";
            }

            if (Difference(series, other) is { } difference)
            {
                return $"{series.Labels}: {difference}";
            }
        }

        return byLabels.Count == 0 ? null : $"{byLabels.Keys.First()} is not expected";
    }

    private string? Difference(AnswerSeries expected, AnswerSeries actual)
    {
        for (var i = 0; i < Math.Min(expected.Points.Count, actual.Points.Count); i++)
        {
            var (a, b) = (expected.Points[i], actual.Points[i]);
            if (a.Time != b.Time)
            {
                return $"point {i} is at {b.Time}, not at {a.Time}";
            }

            if ((a.Histogram is null) != (b.Histogram is null))
            {
                return $"point at {a.Time} is of another kind";
            }

            if (a.Histogram is null ? !Agree(a.Value, b.Value) : !Agree(a.Histogram, b.Histogram!))
            {
                return a.Histogram is null ? $"{a.Value:R} expected at {a.Time}, got {b.Value:R}" : $"another histogram at {a.Time}";
            }
        }

        return expected.Points.Count == actual.Points.Count ? null : $"{expected.Points.Count} points expected, got {actual.Points.Count}";
    }

    private bool Agree(AnswerHistogram a, AnswerHistogram b)
    {
        if (!Agree(a.Count, b.Count) || !Agree(a.Sum, b.Sum))
        {
            return false;
        }

        // A bucket that rounding left slightly above nothing on one side only is compared with nothing.
        var i = 0;
        var j = 0;
        while (i < a.Buckets.Count || j < b.Buckets.Count)
        {
            var order = i == a.Buckets.Count ? 1 : j == b.Buckets.Count ? -1 : Order(a.Buckets[i], b.Buckets[j]);
            if (!Agree(order <= 0 ? a.Buckets[i].Count : 0, order >= 0 ? b.Buckets[j].Count : 0)
                || (order == 0 && a.Buckets[i].Rule != b.Buckets[j].Rule))
            {
                return false;
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return true;
    }

    private static int Order(in AnswerBucket a, in AnswerBucket b)
    {
        var byLower = a.Lower.CompareTo(b.Lower);
        return byLower != 0 ? byLower : a.Upper.CompareTo(b.Upper);
    }

    private bool Agree(double a, double b)
    {
        if (a == b || (double.IsNaN(a) && double.IsNaN(b)))
        {
            return true;
        }

        if (!double.IsFinite(a) || !double.IsFinite(b))
        {
            return false;
        }

        var difference = Math.Abs(a - b);
        if (difference <= relative * Math.Max(Math.Abs(a), Math.Abs(b)))
        {
            return true;
        }

        var agrees = difference <= relative * magnitude;
        NeededMagnitude += agrees ? 1 : 0;
        return agrees;
    }
}
