using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>One position of a series in short notation: nothing, a float, or a histogram where that is set.</summary>
public readonly record struct NotedValue(bool Present, double Value, FloatHistogram? Histogram);

/// <summary>The short notation of series: <c>m{a="b"}</c> with <c>1+2x3 _ stale {{count:1}}</c>.</summary>
public static class SeriesNotation
{
    /// <summary>Labels of a series as a query would name it; the empty text has none.</summary>
    /// <exception cref="ScriptException">The text is not valid.</exception>
    public static Labels ReadLabels(string series) => series.Length == 0 ? Labels.Empty : new SeriesLine(series, 1).Labels;

    /// <summary>Labels and values of a series.</summary>
    /// <exception cref="ScriptException">The text is not valid.</exception>
    public static (Labels Labels, IReadOnlyList<NotedValue> Values) Read(string series, string values)
    {
        var line = new SeriesLine(series + " " + values, 1);
        return (line.Labels, line.ReadValues().ConvertAll(static v => new NotedValue(v.Present, v.Value, v.Histogram)));
    }
}
