using System.Globalization;
using Deucalion.PromQL.Functions;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.Compliance.Differential;

/// <summary>Random calls of functions.</summary>
public sealed class CallGenerator(Choice choice, SelectorGenerator selectors, QueryGenerator queries)
{
    /// <summary>Functions that Prometheus 3.5 does not have (its catalog lacks them).</summary>
    public static IReadOnlyList<string> Newer { get; } =
    [
        "first_over_time", "ts_of_first_over_time", "histogram_quantiles", "start", "end", "range", "step", "min_of", "max_of", "start_timestamp",
    ];

    /// <summary>All functions that both sides have.</summary>
    public static IReadOnlyList<string> Functions { get; } =
        [.. FunctionCatalog.All.Select(static f => f.Name).Where(static n => !Newer.Contains(n)).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> VectorFunctions { get; } = [.. Functions.Where(static n => FunctionCatalog.Find(n)!.ReturnType == ValueType.Vector)];

    public static bool IsScalar(string name) => FunctionCatalog.Find(name)!.ReturnType == ValueType.Scalar;

    public string Call(string name, int depth)
    {
        switch (name)
        {
            case "time" or "pi":
                return $"{name}()";
            case "scalar":
                return $"scalar({(choice.Percent(50) ? $"sum({queries.Floats(depth - 1)})" : queries.Floats(depth - 1))})";
            case "vector":
                return $"vector({queries.Scalar(1)})";
            case "absent":
                return $"absent({Absent(depth)})";
            case "absent_over_time":
                return $"absent_over_time({(choice.Percent(70) ? $"{AbsentSelector()}[{selectors.Window()}]" : queries.Range(depth))})";
            case "label_replace":
                return $"label_replace({queries.Vector(depth - 1)}, {Replacement()})";
            case "label_join":
                return $"label_join({queries.Vector(depth - 1)}, {choice.Of("\"joined\"", "\"job\"", "\"new.label\"")}, {choice.Of("\"-\"", "\"\"", "\", \"")}{choice.Of(", \"job\"", ", \"job\", \"instance\"", ", \"instance\", \"missing\", \"job\"")})";
            case "sort_by_label" or "sort_by_label_desc":
                return $"{name}({queries.Vector(depth - 1)}{choice.Of(", \"job\"", ", \"instance\", \"job\"", ", \"version\"", ", \"instance\"")})";
            case "info":
                return Info();
            case "histogram_quantile":
                return $"histogram_quantile({Quantile()}, {Buckets(depth)})";
            case "histogram_fraction":
                return $"histogram_fraction({Bound()}, {Bound()}, {Buckets(depth)})";
            case "timestamp":
                return choice.Percent(50) ? $"timestamp({selectors.Instant(selectors.Metric())})" : $"timestamp({queries.Vector(depth - 1)})";
            case "predict_linear":
                return $"predict_linear({queries.Range(depth, MetricKind.Gauge, MetricKind.Counter)}, {queries.Scalar(1)})";
            case "quantile_over_time":
                return $"quantile_over_time({Quantile()}, {queries.Range(depth, MetricKind.Gauge, MetricKind.Counter, MetricKind.Mixed)})";
            case "double_exponential_smoothing":
                return $"{name}({queries.Range(depth, MetricKind.Gauge, MetricKind.Counter)}, {Factor()}, {Factor()})";
            case "round":
                return $"round({queries.Floats(depth - 1)}{choice.Of(string.Empty, ", 0.1", ", 5", ", 0.25")})";
            case "clamp":
                return $"clamp({queries.Floats(depth - 1)}, {queries.Scalar(1)}, {queries.Scalar(1)})";
            case "clamp_min" or "clamp_max":
                return $"{name}({queries.Floats(depth - 1)}, {queries.Scalar(1)})";
        }

        var signature = FunctionCatalog.Find(name)!;
        if (signature.Variadic == 1 && choice.Percent(25))
        {
            return $"{name}()";
        }

        return signature.ArgumentTypes[0] == ValueType.Matrix ? $"{name}({RangeFor(name, depth)})"
            : name.StartsWith("histogram_", StringComparison.Ordinal) ? $"{name}({queries.Histograms(depth)})"
            : $"{name}({queries.Floats(depth - 1)})";
    }

    private string RangeFor(string name, int depth) => name switch
    {
        "rate" or "increase" or "irate" => queries.Range(depth, MetricKind.Counter, MetricKind.Native, MetricKind.Classic, MetricKind.Mixed),
        "delta" or "idelta" => queries.Range(depth, MetricKind.Gauge, MetricKind.Native, MetricKind.Mixed),
        "deriv" or "mad_over_time" or "min_over_time" or "max_over_time" or "stddev_over_time" or "stdvar_over_time" =>
            queries.Range(depth, MetricKind.Gauge, MetricKind.Counter, MetricKind.Mixed),
        _ => queries.Range(depth),
    };

    private string Absent(int depth) => choice.Percent(60) ? AbsentSelector() : queries.Vector(depth - 1);

    private string AbsentSelector() => choice.Of(
        "nothing", "nothing{job=\"api\"}", "nothing{job=\"api\",instance=~\"a.*\"}", "load{job=\"none\"}", "load{job=\"a\",job!=\"b\"}", "load{instance!=\"x\",job=\"z\"}", "load", "{job=\"q\",zone=\"w\"}");

    private string Replacement() => choice.Of(
        "\"copy\", \"$1\", \"job\", \"(.*)\"",
        "\"host\", \"${1}\", \"instance\", \"([a-z]+):.*\"",
        "\"job\", \"x-$1-$2\", \"instance\", \"(.)(.*)\"",
        "\"job\", \"\", \"instance\", \".*\"",
        "\"zone\", \"fixed\", \"missing\", \"\"",
        "\"__name__\", \"renamed\", \"job\", \".*\"",
        "\"code\", \"$name\", \"job\", \"(?P<name>.).*\"",
        "\"instance\", \"same\", \"job\", \"api\"");

    private string Info()
    {
        var metric = choice.Of<string>("load", "failures_total", "weird", "build_info");
        var selector = choice.Of(string.Empty, ", {region=\"eu\"}", ", {region=~\".+\"}", ", {version=~\".*\"}", ", {region!=\"eu\"}", ", {__name__=\"build_info\"}", ", {missing=\"\"}");
        return $"info({(choice.Percent(30) ? $"rate({metric}[5m])" : metric)}{selector})";
    }

    private string Buckets(int depth) => choice.Below(10) switch
    {
        0 or 1 => $"rate({selectors.Range(selectors.Metric(MetricKind.Classic))})",
        2 => $"sum by (le, job) (rate({selectors.Range(Metric.All[10])}))",
        3 => selectors.Instant(selectors.Metric(MetricKind.Classic)),
        4 => selectors.Instant(selectors.Metric()),
        5 => queries.Vector(depth - 1),
        _ => queries.Histograms(depth),
    };

    private string Quantile() => choice.Percent(85) ? Math.Round(choice.Fraction(), 3).ToString(CultureInfo.InvariantCulture) : choice.Of("0", "1", "-1", "1.5", "NaN", queries.Scalar(1));

    private string Bound() => choice.Percent(15) ? choice.Of("-Inf", "+Inf", "0", "NaN", queries.Scalar(1)) : Math.Round((choice.Fraction() * 8) - 2, 2).ToString(CultureInfo.InvariantCulture);

    private string Factor() => choice.Percent(95) ? choice.Of("0.1", "0.5", "0.9", "0.33") : choice.Of("0", "1", "-0.1", "2");
}
