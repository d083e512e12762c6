using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Parser;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>One position of a series in short notation: nothing, a float, or a histogram where that is set.</summary>
public readonly record struct NotedValue(bool Present, double Value, FloatHistogram? Histogram);

/// <summary>The short notation of series: <c>m{a="b"}</c> with <c>1+2x3 _ stale {{count:1}}</c>.</summary>
public static class SeriesNotation
{
    /// <summary>Labels of a series as a query would name it; the empty text has none.</summary>
    /// <exception cref="ParseException">The text is not valid.</exception>
    public static Labels ReadLabels(string series)
    {
        var labels = new LabelsBuilder();
        if (series.Length > 0)
        {
            foreach (var matcher in PromQlParser.ParseMetricSelector(series))
            {
                labels.Set(matcher.Name, matcher.Value);
            }
        }

        return labels.Build();
    }

    /// <summary>Labels and values of a series.</summary>
    /// <exception cref="ScriptException">The text is not valid.</exception>
    public static (Labels Labels, IReadOnlyList<NotedValue> Values) Read(string series, string values)
    {
        var line = new SeriesLine(series + " " + values, 1);
        return (line.Labels, line.ReadValues().ConvertAll(static v => new NotedValue(v.Present, v.Value, v.Histogram)));
    }
}
