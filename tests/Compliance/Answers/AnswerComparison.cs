using Deucalion.Common.Labels;

namespace Deucalion.Compliance.Answers;

/// <summary>
/// Compares two answers. A number agrees within <paramref name="relative"/> of the larger of both magnitudes, or of
/// <paramref name="magnitude"/>, the largest input; NaN agrees with NaN, infinities with themselves. Buckets that are NaN can be ignored.
/// </summary>
public sealed class AnswerComparison(double relative, double magnitude, bool ignoreNaNBuckets = false)
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

    /// <summary>Whether two points, taken to be of the same time, agree.</summary>
    public bool Agree(AnswerPoint a, AnswerPoint b) =>
        (a.Histogram, b.Histogram) switch
        {
            (null, null) => Agree(a.Value, b.Value),
            ({ } h, { } g) => Agree(h, g),
            _ => false,
        };

    private bool Agree(AnswerHistogram a, AnswerHistogram b)
    {
        if (!Agree(a.Count, b.Count) || !Agree(a.Sum, b.Sum))
        {
            return false;
        }

        var (these, those) = (Counted(a), Counted(b));

        // A bucket that rounding left slightly above nothing on one side only is compared with nothing.
        var i = 0;
        var j = 0;
        while (i < these.Count || j < those.Count)
        {
            var order = i == these.Count ? 1 : j == those.Count ? -1 : Order(these[i], those[j]);
            if (!Agree(order <= 0 ? these[i].Count : 0, order >= 0 ? those[j].Count : 0)
                || (order == 0 && these[i].Rule != those[j].Rule))
            {
                return false;
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return true;
    }

    private IReadOnlyList<AnswerBucket> Counted(AnswerHistogram histogram) =>
        ignoreNaNBuckets ? [.. histogram.Buckets.Where(static b => !double.IsNaN(b.Count))] : histogram.Buckets;

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
