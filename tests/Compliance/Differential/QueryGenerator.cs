using System.Globalization;

namespace Deucalion.Compliance.Differential;

/// <summary>Random queries, typed as the language is: vectors and scalars down to a depth.</summary>
public sealed class QueryGenerator
{
    private readonly Choice _choice;
    private readonly SelectorGenerator _selectors;
    private readonly CallGenerator _calls;
    private readonly BinaryGenerator _binaries;

    public QueryGenerator(Choice choice)
    {
        _choice = choice;
        _selectors = new SelectorGenerator(choice);
        _calls = new CallGenerator(choice, _selectors, this);
        _binaries = new BinaryGenerator(choice, _selectors, this);
    }

    /// <summary>Aggregations.</summary>
    public static IReadOnlyList<string> Aggregations { get; } =
        ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"];

    /// <summary>A query with the function, aggregation or operator somewhere near its root.</summary>
    public string About(string focus)
    {
        var query = focus.Length == 0 || !char.IsLetter(focus[0]) || BinaryGenerator.WordOperators.Contains(focus) ? _binaries.Operation(focus, 2)
            : Aggregations.Contains(focus) ? Aggregation(focus, 2)
            : CallGenerator.IsScalar(focus) ? ScalarUse(_calls.Call(focus, 2))
            : _calls.Call(focus, 2);
        return _choice.Below(10) switch
        {
            0 or 1 => Aggregation(_choice.Of("sum", "avg", "max", "count", "min"), query),
            2 => $"{query} {_choice.Of("*", "+", "-", "/", ">", "!=")} {Scalar(1)}",
            3 => $"-{Grouped(query)}",
            _ => query,
        };
    }

    public string Vector(int depth) => depth <= 0 ? Selector() : _choice.Below(100) switch
    {
        < 30 => Selector(),
        < 60 => _calls.Call(_choice.Of(CallGenerator.VectorFunctions), depth - 1),
        < 80 => Aggregation(_choice.Of(Aggregations), depth - 1),
        < 93 => _binaries.Operation(_choice.Of(BinaryGenerator.Operators), depth - 1),
        < 96 => $"({Vector(depth - 1)})",
        _ => $"-{Grouped(Vector(depth - 1))}",
    };

    /// <summary>Floats only, most of the time.</summary>
    public string Floats(int depth) => depth > 0 && _choice.Percent(40) ? Vector(depth) : _selectors.Instant(_selectors.Metric(MetricKind.Counter, MetricKind.Gauge));

    /// <summary>Native histograms, most of the time.</summary>
    public string Histograms(int depth)
    {
        var selector = _selectors.Instant(_selectors.Metric(MetricKind.Native, MetricKind.Mixed));
        return depth <= 0 ? selector : _choice.Below(6) switch
        {
            0 => $"{_choice.Of("rate", "increase")}({_selectors.Range(_selectors.Metric(MetricKind.Native))})",
            1 => Aggregation(_choice.Of("sum", "avg"), selector),
            2 => $"{selector} {_choice.Of("* 2", "/ 4", "* -1")}",
            3 => $"{_choice.Of("sum_over_time", "avg_over_time", "last_over_time")}({_selectors.Range(_selectors.Metric(MetricKind.Native))})",
            _ => selector,
        };
    }

    public string Range(int depth, params MetricKind[] kinds)
    {
        if (depth > 0 && _choice.Percent(20))
        {
            var step = _choice.Of("15s", "30s", "1m", string.Empty, "45s", "2m");
            return _selectors.Modified($"{Grouped(Vector(depth - 1))}[{_selectors.Window()}:{step}]");
        }

        return _selectors.Range(_selectors.Metric(kinds));
    }

    public string Scalar(int depth) => _choice.Below(depth > 0 ? 9 : 5) switch
    {
        5 => $"scalar({_selectors.Instant(Metric.All[4])})",
        6 => $"scalar({Aggregation(_choice.Of("sum", "max", "count", "avg"), _selectors.FloatTarget(), string.Empty)})",
        7 => _choice.Of("time()", "pi()", "time() / 1e9", "1e3 - 7"),
        8 => $"({Scalar(depth - 1)} {_choice.Of("+", "-", "*", "/", "%", "^", "> bool", "== bool")} {Scalar(depth - 1)})",
        _ => Number(),
    };

    public string Number() => _choice.Below(6) switch
    {
        0 => _choice.Of("0", "1", "-1", "2", "10", "100", "0x1f", "1e-3", "5m", "1.5", "Inf", "NaN", "-Inf", "1_000"),
        1 => _choice.Below(100).ToString(CultureInfo.InvariantCulture),
        2 => (-_choice.Below(50)).ToString(CultureInfo.InvariantCulture),
        _ => Math.Round(_choice.Fraction() * 10, 3).ToString(CultureInfo.InvariantCulture),
    };

    private string Grouping()
    {
        if (_choice.Percent(30))
        {
            return string.Empty;
        }

        string[] labels = ["job", "instance", "job, instance", "code", "zone", "version", "le, job", "missing", string.Empty, "job, __name__"];
        return _choice.Percent(65) ? $" by ({_choice.Of(labels)}) " : $" without ({_choice.Of("instance", "job", "code, zone", "le", string.Empty, "instance, missing")}) ";
    }

    public string Aggregation(string name, int depth) => Aggregation(name, name is "stddev" or "stdvar" or "quantile" or "topk" or "bottomk" or "min" or "max"
        ? Floats(depth - 1)
        : Vector(depth - 1));

    public string Aggregation(string name, string operand) => Aggregation(name, operand, Grouping());

    private string Aggregation(string name, string operand, string grouping)
    {
        var parameter = name switch
        {
            "topk" or "bottomk" or "limitk" => _choice.Percent(8) ? Scalar(1) + ", " : $"{1 + _choice.Below(4)}, ",
            "quantile" => (_choice.Percent(85) ? Math.Round(_choice.Fraction(), 2).ToString(CultureInfo.InvariantCulture) : Scalar(1)) + ", ",
            "limit_ratio" => Math.Round((_choice.Fraction() * 2.1) - 1.05, 2).ToString(CultureInfo.InvariantCulture) + ", ",
            "count_values" => _choice.Of("\"value\", ", "\"job\", ", "\"v.x\", "),
            _ => string.Empty,
        };
        return $"{name}{grouping}({parameter}{operand})";
    }

    /// <summary>In parentheses unless it is a call or a selector already.</summary>
    public static string Grouped(string expression) => $"({expression})";

    private string Selector() => _selectors.Instant(_selectors.Metric());

    private string ScalarUse(string scalar) => _choice.Below(4) switch
    {
        0 => scalar,
        1 => $"vector({scalar})",
        2 => $"{_selectors.FloatTarget()} {_choice.Of("+", "*", ">", "<= bool")} {scalar}",
        _ => $"{scalar} {_choice.Of("-", "/", "<", "!= bool")} {_selectors.FloatTarget()}",
    };
}
