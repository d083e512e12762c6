using System.Text.RegularExpressions;
using Deucalion.Compliance.Answers;

namespace Deucalion.Compliance.Differential;

/// <summary>
/// Where the engine follows a newer Prometheus than the 3.5 it is compared with; each reason names the change and the version that
/// brought it. Functions that 3.5 does not know are left out of the generator (<see cref="CallGenerator.Newer"/>), as are the modifiers
/// <c>anchored</c>, <c>smoothed</c> and <c>fill</c>, the operators <c>&lt;/</c> and <c>&gt;/</c>, duration expressions and start timestamps.
/// </summary>
public static partial class Exemptions
{
    private const string SameLabelset = "vector cannot contain metrics with the same labelset";

    /// <summary>Warnings and infos that 3.5 does not know.</summary>
    public static IReadOnlyList<(string Text, string Reason)> NewerNotes { get; } =
    [
        ("sort is ineffective for range queries", "warning since 3.12 (prometheus/prometheus#18498)"),
        ("conflicting counter resets during histogram", "warning since 3.7 (prometheus/prometheus#17051)"),
    ];

    public static IReadOnlyList<Exemption> All { get; } =
    [
        new(
            "the two series of a duplicate are named in the order of their texts, since 3.14 (#18810)",
            static (_, expected, actual) => actual.Error?.StartsWith("found duplicate series", StringComparison.Ordinal) == true
                && expected.Error is { } error && DuplicatePair().Replace(error, "[$2, $1]") == actual.Error),
        new(
            "which duplicate comes first is not defined where the operand is an operation in a range query: its series have no order",
            static (one, expected, actual) => IsRange(one) && expected.Error is { } error && actual.Error is { } other
                && error.StartsWith("found duplicate series", StringComparison.Ordinal) && DuplicateGroup().Replace(error, string.Empty) == DuplicateGroup().Replace(other, string.Empty)),
        new(
            "the place of an operator is where it stands, since 3.7 (#16996): before, parentheses to its left led astray",
            static (_, expected, actual) => actual.Error is { } error && expected.Error is { } other && error.Contains(": parse error: ", StringComparison.Ordinal)
                && OperatorErrors().IsMatch(error) && WithoutStart(error) == WithoutStart(other)),
        new(
            "a count that is NaN is told as such, since 3.6 (#16725)",
            static (_, expected, actual) => expected.Error == "Scalar value NaN overflows int64" && actual.Error == "Parameter value is NaN"),
        new(
            "places are those inside superfluous parentheses, and notes on buckets without a name fall together, since 3.7 (#16896, #16794)",
            static (one, expected, actual) => SameButNotes(expected, actual)
                && (Parentheses().IsMatch(one.Query) || Notes(expected).Any(static n => n.Contains("bucket label", StringComparison.Ordinal)))
                && Notes(expected).Select(WithoutPlace).ToHashSet().SetEquals(Notes(actual).Select(WithoutPlace))),
        new(
            "sums near the largest float overflow or not by the order of series, which functions do not define in a range query",
            static (one, expected, actual) => one.Step > 0 && expected.Error is null && actual.Error is null
                && one.Query.Contains("huge", StringComparison.Ordinal) && Sums().IsMatch(one.Query)),
        new(
            "which sides have many elements is checked before values are compared, since 3.9 (#17668)",
            static (_, expected, actual) => expected.Error is null && actual.Error?.StartsWith("multiple matches for labels", StringComparison.Ordinal) == true),
        new(
            "parameters of topk, bottomk and limitk are checked as a whole, with or without data, since 3.6 (#16725)",
            static (_, expected, actual) => expected.Error is null && (actual.Error == "Parameter value is NaN" || (expected.IsEmpty && actual.Error?.StartsWith("Scalar value ", StringComparison.Ordinal) == true))),
        new(
            "a negated histogram is a gauge, since 3.7 (#17004)",
            static (one, expected, actual) => SameButNotes(expected, actual)
                && one.Query.Contains('-', StringComparison.Ordinal)
                && expected.Warnings.Except(actual.Warnings).Concat(actual.Warnings.Except(expected.Warnings)).All(static w => GaugeOrCounter().IsMatch(w))),
        new(
            "mixed schemas are noticed without buckets too, since 3.12 (#18660)",
            static (one, expected, actual) => expected.Error is null && actual.Error is null
                && Totals().IsMatch(one.Query)
                && actual.Warnings.Concat(expected.Warnings).Any(static w => w.Contains("exponential and custom buckets", StringComparison.Ordinal))),
        new(
            "mad_over_time is NaN where a sample is NaN, since 3.14 (#19040)",
            static (one, _, _) => one.Query.Contains("mad_over_time(", StringComparison.Ordinal)),
        new(
            "rate and increase of native histograms do not extrapolate below zero, since 3.6 (#16828)",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Rates().IsMatch(one.Query) && Natives().IsMatch(one.Query)),
        new(
            "histogram_fraction of classic histograms interpolates in the first bucket, since 3.8 (#17424)",
            static (one, _, _) => one.Query.Contains("histogram_fraction(", StringComparison.Ordinal) && one.Query.Contains("_bucket", StringComparison.Ordinal)),
        new(
            "equal labels are merged where their times differ: unary minus since 3.9 (#17708)",
            static (one, expected, actual) => MergesSince(one, expected, actual, "-(")),
        new(
            "equal labels are merged where their times differ: label_replace and label_join since 3.9 (#17703)",
            static (one, expected, actual) => MergesSince(one, expected, actual, "label_")),
        new(
            "info finds its series at every step, since 3.6 (#17135): before, series that came and went shifted the others in range queries",
            static (one, _, _) => (one.Step > 0 || one.Query.Contains(':', StringComparison.Ordinal)) && one.Query.Contains("info(", StringComparison.Ordinal)),
        new(
            "counters read from gauge or negated histograms: resets depend on empty buckets that chunks of Prometheus spell out",
            static (one, _, _) => (one.Query.Contains("nh_gauge", StringComparison.Ordinal) || one.Query.Contains("-(nh", StringComparison.Ordinal)) && GaugeAsCounter().IsMatch(one.Query)),
        new(
            "a histogram times infinity: empty buckets that chunks of Prometheus spell out become NaN",
            static (_, expected, actual) => HasInfinity(expected) && HasInfinity(actual)),
        new(
            "which of equal values topk and bottomk keep is not defined, nor which series limitk keeps: a function's series have no order in a range query",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Picks().IsMatch(one.Query)),
        new(
            "count_values and texts show the last digit: Go's math library rounds transcendental functions differently, and histograms are summed with compensation since 3.10 (#15687)",
            static (one, expected, actual) => (one.Query.Contains("count_values", StringComparison.Ordinal) && expected.Series.Count == actual.Series.Count)
                || (Transcendental().IsMatch(one.Query) && SameButNotes(expected, actual) && Notes(expected).Select(Digitless).ToHashSet().SetEquals(Notes(actual).Select(Digitless)))),
        new(
            "the last digit of a power decides the remainder",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Transcendental().IsMatch(one.Query) && one.Query.Contains('%', StringComparison.Ordinal) && Sizes(expected) == Sizes(actual)),
        new(
            "Go's math library: exp, sinh and cosh overflow a little early, trigonometric functions reduce large arguments differently",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Overflowing().IsMatch(one.Query) && Sizes(expected) == Sizes(actual)),
        new(
            "mixed groups: which sample comes first is not defined in a range query over a function or set operation",
            static (one, expected, actual) => one.Step > 0 && SameButNotes(expected, actual)
                && one.Query.Contains("mixed", StringComparison.Ordinal)
                && Notes(expected).Concat(Notes(actual)).Any(static n => n.Contains("mix of histograms", StringComparison.Ordinal))),
    ];

    /// <summary>The reason of the first exemption that applies, or null.</summary>
    public static string? Find(RandomCase one, Answer expected, Answer actual) => All.FirstOrDefault(e => e.Applies(one, expected, actual))?.Reason;

    private static bool MergesSince(RandomCase one, Answer expected, Answer actual, string construct) =>
        expected.Error == SameLabelset && actual.Error is null && one.Step > 0 && one.Query.Contains(construct, StringComparison.Ordinal);

    [GeneratedRegex(@" (\+|-|\*|/|%|\^|atan2|==|!=|<|<=|>|>=|and|or|unless) ")]
    private static partial Regex BinaryExpression();

    private static string WithoutStart(string error) => error[(error.IndexOf(": parse", StringComparison.Ordinal) is var at && at < 0 ? 0 : at)..];

    [GeneratedRegex(@"\[(\{.*\}), (\{.*\})\]")]
    private static partial Regex DuplicatePair();

    [GeneratedRegex(@"group \{.*\} on|\[\{.*\}, \{.*\}\]")]
    private static partial Regex DuplicateGroup();

    /// <summary>Whether something in the case is evaluated at more than one time.</summary>
    private static bool IsRange(RandomCase one) => one.Step > 0 || one.Query.Contains(':', StringComparison.Ordinal);

    [GeneratedRegex(@"ON and GROUP clause|BOOL modifier|bool modifier")]
    private static partial Regex OperatorErrors();

    private static string Digitless(string note) => Numbers().Replace(Judge.Normal(note), "#");

    private static (int, int) Sizes(Answer answer) => (answer.Series.Count, answer.Series.Sum(static s => s.Points.Count));

    [GeneratedRegex(@"\d{6,}")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\b(exp|sinh|cosh|sin|cos|tan)\b")]
    private static partial Regex Overflowing();

    private static IEnumerable<string> Notes(Answer answer) => answer.Warnings.Concat(answer.Infos);

    private static string WithoutPlace(string note) => Place().Replace(Judge.Normal(note), string.Empty);

    [GeneratedRegex(@" \(\d+:\d+\)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"[(,]\s?\(")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"\b(sum|avg|stddev|stdvar)\b")]
    private static partial Regex Sums();

    private static bool SameButNotes(Answer expected, Answer actual) => new AnswerComparison(1e-9, 0).Difference(expected, actual) is null;

    [GeneratedRegex(@"\btimestamp\(.* offset .*@")]
    private static partial Regex TimestampAtOffset();

    [GeneratedRegex(@"this native histogram metric is not a (gauge|counter)")]
    private static partial Regex GaugeOrCounter();

    [GeneratedRegex(@"\bhistogram_(sum|count|avg)\(")]
    private static partial Regex Totals();

    private static bool HasInfinity(Answer answer) =>
        answer.Series.Any(static s => s.Points.Exists(static p => p.Histogram is { } h && (double.IsInfinity(h.Count) || double.IsNaN(h.Count))));

    [GeneratedRegex(@"\b(irate|resets|changes)\(")]
    private static partial Regex GaugeAsCounter();

    [GeneratedRegex(@"\b(rate|increase)\(")]
    private static partial Regex Rates();

    [GeneratedRegex(@"\b(nh_|nhcb_|mixed)")]
    private static partial Regex Natives();

    [GeneratedRegex(@"\b(topk|bottomk|limitk)\b")]
    private static partial Regex Picks();

    [GeneratedRegex(@"\b(a?(sin|cos|tan)h?|exp|ln|log2|log10|atan2)\b|\^")]
    private static partial Regex Transcendental();
}
