using System.Globalization;
using System.Text.Json;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;

namespace Deucalion.Compliance.Answers;

/// <summary>Asks a Prometheus through its HTTP API.</summary>
public sealed class PrometheusAnswers(HttpClient http)
{
    private const string QueryParameter = "invalid parameter \"query\": ";

    /// <summary>Instant query where the step is 0, else a range query; times in milliseconds.</summary>
    public async Task<Answer> AskAsync(string query, long start, long end, long step, CancellationToken cancellationToken)
    {
        var fields = new List<KeyValuePair<string, string>> { new("query", query) };
        if (step == 0)
        {
            fields.Add(new("time", Seconds(start)));
        }
        else
        {
            fields.Add(new("start", Seconds(start)));
            fields.Add(new("end", Seconds(end)));
            fields.Add(new("step", Seconds(step)));
        }

        using var content = new FormUrlEncodedContent(fields);
        using var response = await http.PostAsync(new Uri(step == 0 ? "/api/v1/query" : "/api/v1/query_range", UriKind.Relative), content, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        using var document = JsonDocument.Parse(body);
        return Read(document.RootElement);
    }

    private static string Seconds(long milliseconds) => (milliseconds / 1000m).ToString(CultureInfo.InvariantCulture);

    private static Answer Read(JsonElement root)
    {
        if (root.GetProperty("status").GetString() != "success")
        {
            // The API names the parameter before what the parser says; the engine knows of no parameters.
            var error = root.GetProperty("error").GetString()!;
            return new Answer { Error = error.StartsWith(QueryParameter, StringComparison.Ordinal) ? error[QueryParameter.Length..] : error };
        }

        var data = root.GetProperty("data");
        var type = data.GetProperty("resultType").GetString()!;
        var result = data.GetProperty("result");
        var answer = type switch
        {
            "scalar" => Answer.Scalar(Time(result[0]), Number(result[1])),
            "string" => new Answer { Type = type, Text = result[1].GetString()! },
            _ => new Answer { Type = type, Series = [.. result.EnumerateArray().Select(Series)] },
        };
        return answer with { Warnings = Texts(root, "warnings"), Infos = Texts(root, "infos") };
    }

    private static List<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var texts) ? [.. texts.EnumerateArray().Select(static t => t.GetString()!)] : [];

    private static AnswerSeries Series(JsonElement series)
    {
        var builder = new LabelsBuilder();
        foreach (var label in series.GetProperty("metric").EnumerateObject())
        {
            builder.Set(label.Name, label.Value.GetString()!);
        }

        var points = new List<AnswerPoint>();
        if (series.TryGetProperty("value", out var value))
        {
            points.Add(Float(value));
        }

        if (series.TryGetProperty("values", out var values))
        {
            points.AddRange(values.EnumerateArray().Select(Float));
        }

        if (series.TryGetProperty("histogram", out var histogram))
        {
            points.Add(Histogram(histogram));
        }

        if (series.TryGetProperty("histograms", out var histograms))
        {
            points.AddRange(histograms.EnumerateArray().Select(Histogram));
        }

        return new AnswerSeries(builder.Build(), points);
    }

    private static AnswerPoint Float(JsonElement point) => new(Time(point[0]), Number(point[1]), null);

    private static AnswerPoint Histogram(JsonElement point)
    {
        var histogram = point[1];
        var buckets = new List<AnswerBucket>();
        if (histogram.TryGetProperty("buckets", out var listed))
        {
            buckets.AddRange(listed.EnumerateArray().Select(static b => new AnswerBucket(b[0].GetInt32(), Number(b[1]), Number(b[2]), Number(b[3]))));
        }

        return new(Time(point[0]), 0, new AnswerHistogram(Number(histogram.GetProperty("count")), Number(histogram.GetProperty("sum")), buckets));
    }

    private static long Time(JsonElement seconds) => (long)Math.Round(seconds.GetDouble() * 1000);

    private static double Number(JsonElement text) => GoNumber.TryParseFloat(text.GetString(), out var value)
        ? value
        : throw new FormatException($"{text} is not a number");
}
