using System.Globalization;

namespace Deucalion.Compliance.Differential;

/// <summary>Random selectors with matchers, ranges, offsets and fixed times.</summary>
public sealed class SelectorGenerator(Choice choice)
{
    private static readonly Metric[] Targets = [.. Differential.Metric.All.Where(static m => m.IsTarget && m.IsFloat)];

    public string Instant(Metric metric) => Modified(Plain(metric));

    public string Range(Metric metric) => Modified($"{Plain(metric)}[{Window()}]");

    /// <summary>A metric of any of the kinds; none is any.</summary>
    public Metric Metric(params MetricKind[] kinds)
    {
        var candidates = kinds.Length == 0 ? Differential.Metric.All : [.. Differential.Metric.All.Where(m => kinds.Contains(m.Kind))];
        return choice.Of(candidates);
    }

    public string FloatTarget() => Instant(choice.Of<Metric>(Targets));

    public string Window() => choice.Of("20s", "1m", "90s", "2m", "4m", "5m", "7m30s", "10m", "30m", "300", "1h");

    public string Modified(string selector)
    {
        if (choice.Percent(18))
        {
            selector += $" offset {choice.Of("30s", "1m", "5m", "-1m", "12m", "90", "-10s", "1m30s")}";
        }

        if (choice.Percent(8))
        {
            selector += " @ " + choice.Of("start()", "end()", Time());
        }

        return selector;
    }

    /// <summary>A time within the data as a number of seconds.</summary>
    public string Time() =>
        ((RandomData.Start / 1000.0) + choice.Below((int)((RandomData.End - RandomData.Start) / 1000)) + choice.Of(0, 0.5)).ToString("F1", CultureInfo.InvariantCulture);

    private string Plain(Metric metric)
    {
        if (metric.IsTarget && metric.IsFloat && choice.Percent(4))
        {
            return $"{{__name__=~\"{choice.Of("load|weird", "fail.*|load", "(latency_.*_count|failures_total)", ".*_total")}\"{choice.Of(",job=\"api\"", string.Empty)}}}";
        }

        var matchers = new List<string>();
        foreach (var label in metric.Labels)
        {
            if (label != "le" && choice.Percent(22))
            {
                matchers.Add(Matcher(label));
            }
        }

        if (choice.Percent(3))
        {
            matchers.Add(choice.Of("absent=\"\"", "absent!=\"x\"", "job!=\"\"", "instance=~\".+\""));
        }

        return choice.Percent(5) ? $"{{\"{metric.Name}\"{string.Concat(matchers.Select(static m => "," + m))}}}"
            : matchers.Count == 0 ? metric.Name
            : $"{metric.Name}{{{string.Join(",", matchers)}}}";
    }

    private string Matcher(string label) => label switch
    {
        "job" => choice.Of("job=\"api\"", "job!=\"db\"", "job=~\"api|db\"", "job!~\"a.*\"", "job=~\"d.\""),
        "instance" => choice.Of("instance=\"a:1\"", "instance!=\"a:1\"", "instance=~\".*:.*\"", "instance!~\"c.*\"", "instance=~\"(a|b):[0-9]\""),
        "code" => choice.Of("code=\"200\"", "code=~\"4..|5..\"", "code!=\"500\""),
        "zone" => choice.Of("zone=\"north\"", "zone!=\"north\""),
        "layout" => choice.Of("layout=\"1\"", "layout!~\"[01]\"", "layout=\"3\""),
        _ => $"{label}!=\"nothing\"",
    };
}
