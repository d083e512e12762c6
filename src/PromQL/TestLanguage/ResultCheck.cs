using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Compares a result with what was expected. All methods return null or what is wrong.</summary>
internal static class ResultCheck
{
    public static string? Annotations(Expectation expected, QueryResult result) =>
        Annotations(expected.Warnings, expected.NoWarnings, result.Warnings, "warning")
        ?? Annotations(expected.Infos, expected.NoInfos, result.Infos, "info");

    public static string? Values(Expectation expected, QueryResult result, long start, long step)
    {
        switch (result.Type)
        {
            case ResultType.Scalar:
                return expected.Scalar is { } scalar && Almost.Equal(scalar, result.Scalar)
                    ? null
                    : $"expected {Show(expected)}, got scalar {GoFloat.FormatGeneral(result.Scalar)}";
            case ResultType.String:
                return expected.Text == result.Text ? null : $"expected {Show(expected)}, got string {LabelText.Quote(result.Text)}";
        }

        if (expected.Scalar is not null || expected.Text is not null)
        {
            return $"expected {Show(expected)}, got {result.Type}";
        }

        var grid = expected.RangeVector is { } range ? (range.Start, range.Step) : (start, step);
        return Series(expected, result, grid);
    }

    /// <summary>Compares the points of a range query at one time with what an instant query there should yield.</summary>
    public static string? AtTime(Expectation expected, QueryResult result, long time)
    {
        var series = new List<ResultSeries>();
        foreach (var s in result.Series)
        {
            var i = Array.IndexOf(s.Times, time);
            if (i >= 0 && s.HasPoint(i))
            {
                series.Add(new ResultSeries(s.Labels, [time], [s.Values[i]], s.HistogramAt(i) is { } h ? [h] : null));
            }
        }

        var vector = new QueryResult
        {
            Type = ResultType.Vector,
            Time = time,
            Series = series,
            Warnings = [],
            Infos = [],
            Plan = result.Plan,
            Statistics = result.Statistics,
        };
        if (expected.Scalar is { } scalar)
        {
            return series.Count == 1 && series[0].Labels.Count == 0 && Almost.Equal(scalar, series[0].Values[0])
                ? null
                : $"expected scalar {GoFloat.FormatGeneral(scalar)}, got {Show(series)}";
        }

        return Values(expected, vector, time, 1);
    }

    private static string? Annotations(List<TextExpectation> expected, bool none, IReadOnlyList<string> actual, string kind)
    {
        if (none && actual.Count > 0)
        {
            return $"unexpected {kind}: {string.Join("; ", actual)}";
        }

        if (expected.Count == 0)
        {
            return null;
        }

        foreach (var text in expected)
        {
            if (!actual.Any(text.Matches))
            {
                return $"expected {kind} {text}, got: {string.Join("; ", actual)}";
            }
        }

        foreach (var text in actual)
        {
            if (!expected.Exists(e => e.Matches(text)))
            {
                return $"unexpected {kind}: {text}";
            }
        }

        return null;
    }

    private static string? Series(Expectation expected, QueryResult result, (long Start, long Step) grid)
    {
        var byLabels = new Dictionary<Labels, int>();
        for (var i = 0; i < result.Series.Count; i++)
        {
            if (!byLabels.TryAdd(result.Series[i].Labels, i))
            {
                return $"labels {result.Series[i].Labels} come twice";
            }

            if (result.Type == ResultType.Matrix && i > 0 && result.Series[i - 1].Labels >= result.Series[i].Labels)
            {
                return "matrix is not sorted by labels";
            }
        }

        for (var n = 0; n < expected.Series.Count; n++)
        {
            var (line, labels, values) = expected.Series[n];
            if (!byLabels.Remove(labels, out var at))
            {
                return $"line {line}: expected series {labels} not found; got {Show(result.Series)}";
            }

            if (expected.Ordered && at != n)
            {
                return $"line {line}: expected series {labels} at position {n}, got it at {at}";
            }

            if (Points(values, result.Series[at], grid) is { } problem)
            {
                return $"line {line}: {labels}: {problem}";
            }
        }

        return byLabels.Count == 0 ? null : $"unexpected series; got {Show(result.Series)}";
    }

    private static string? Points(List<SeriesValue> expected, ResultSeries actual, (long Start, long Step) grid)
    {
        var at = 0;
        for (var i = 0; i < expected.Count; i++)
        {
            if (!expected[i].Present)
            {
                continue;
            }

            at = Next(actual, at);
            var time = grid.Start + (i * grid.Step);
            if (at == actual.Count || actual.Times[at] != time)
            {
                return $"expected point {Show(expected[i])} at {time}, got {Show(actual)}";
            }

            if (Point(expected[i], actual, at) is { } problem)
            {
                return problem;
            }

            at++;
        }

        return Next(actual, at) == actual.Count ? null : $"more points than expected: {Show(actual)}";
    }

    private static int Next(ResultSeries series, int at)
    {
        while (at < series.Count && !series.HasPoint(at))
        {
            at++;
        }

        return at;
    }

    private static string? Point(SeriesValue expected, ResultSeries actual, int at)
    {
        var histogram = actual.HistogramAt(at);
        if (expected.Histogram is null)
        {
            return histogram is null && Almost.Equal(expected.Value, actual.Values[at])
                ? null
                : $"expected {Show(expected)} at {actual.Times[at]}, got {ShowPoint(actual, at)}";
        }

        var difference = histogram is null ? "kind" : Almost.Difference(expected.Histogram, histogram, expected.HintGiven);
        return difference is null
            ? null
            : $"expected {Show(expected)} at {actual.Times[at]}, got {ShowPoint(actual, at)} (differs in {difference})";
    }

    private static string Show(Expectation expected) => expected.Scalar is { } scalar ? $"scalar {GoFloat.FormatGeneral(scalar)}"
        : expected.Text is { } text ? $"string {LabelText.Quote(text)}"
        : $"{expected.Series.Count} series";

    private static string Show(SeriesValue value) => value.Histogram is { } histogram
        ? Show(histogram)
        : GoFloat.FormatGeneral(value.Value);

    private static string Show(FloatHistogram histogram) =>
        $"{HistogramText.Of(histogram)} schema {histogram.Schema} zero {GoFloat.FormatGeneral(histogram.ZeroThreshold)} hint {histogram.CounterResetHint}";

    private static string Show(IReadOnlyList<ResultSeries> series) =>
        series.Count == 0 ? "nothing" : string.Join("; ", series.Take(6).Select(s => s.Labels + " " + Show(s)));

    private static string Show(ResultSeries series)
    {
        var points = new List<string>();
        for (var i = 0; i < series.Count && points.Count < 12; i++)
        {
            if (series.HasPoint(i))
            {
                points.Add($"{ShowPoint(series, i)}@{series.Times[i]}");
            }
        }

        return string.Join(" ", points);
    }

    private static string ShowPoint(ResultSeries series, int at) =>
        series.HistogramAt(at) is { } histogram ? Show(histogram) : GoFloat.FormatGeneral(series.Values[at]);
}
