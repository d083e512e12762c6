using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Compliance.Answers;

/// <summary>What an engine said to one query, in a form that does not depend on the engine.</summary>
public sealed record Answer
{
    /// <summary>Text of the failure, or null.</summary>
    public string? Error { get; init; }

    /// <summary>vector, matrix, scalar or string.</summary>
    public string Type { get; init; } = string.Empty;

    /// <summary>The series; a scalar is one series without labels.</summary>
    public IReadOnlyList<AnswerSeries> Series { get; init; } = [];

    /// <summary>A string.</summary>
    public string Text { get; init; } = string.Empty;

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyList<string> Infos { get; init; } = [];

    public bool IsEmpty => Error is null && Type != "string" && Series.Count == 0;

    public static Answer Scalar(long time, double value) =>
        new() { Type = "scalar", Series = [new AnswerSeries(Labels.Empty, [new AnswerPoint(time, value, null)])] };

    /// <summary>The answer for people, cut where it is long.</summary>
    public override string ToString()
    {
        if (Error is not null)
        {
            return $"error: {Error}";
        }

        var text = new StringBuilder(Type).Append(' ').Append(Text);
        foreach (var series in Series.Take(8))
        {
            text.Append("\n    ").Append(series.Labels);
            foreach (var point in series.Points.Take(8))
            {
                text.Append(CultureInfo.InvariantCulture, $" {Show(point)}@{point.Time}");
            }

            text.Append(series.Points.Count > 8 ? " …" : string.Empty);
        }

        text.Append(Series.Count > 8 ? $"\n    … {Series.Count} series" : string.Empty);
        foreach (var note in Warnings.Concat(Infos))
        {
            text.Append("\n    ").Append(note);
        }

        return text.ToString();
    }

    private static string Show(in AnswerPoint point) => point.Histogram is not { } histogram
        ? point.Value.ToString("R", CultureInfo.InvariantCulture)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{{count {histogram.Count:R} sum {histogram.Sum:R} {string.Join(' ', histogram.Buckets.Select(static b => string.Create(CultureInfo.InvariantCulture, $"{b.Rule}({b.Lower:R},{b.Upper:R}):{b.Count:R}")))}}}");
}
