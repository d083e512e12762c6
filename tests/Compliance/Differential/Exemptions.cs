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

    /// <summary>Where the engine differs from every Prometheus, on purpose.</summary>
    public static IReadOnlyList<Exemption> Deliberate { get; } =
    [
        new(
            "on purpose: timestamp(selector offset o @ t) looks at t - o; Prometheus forgets the offset",
            static (one, _, _) => TimestampAtOffset().IsMatch(one.Query)),
        new(
            "on purpose: each kind of incompatible pair is named, Prometheus names the last one of a step",
            static (_, expected, actual) => SameButNotes(expected, actual)
                && !Notes(expected).Except(Notes(actual)).Any()
                && Notes(actual).Except(Notes(expected)).All(static i => i.Contains("incompatible", StringComparison.Ordinal))),
    ];

    public static IReadOnlyList<Exemption> All { get; } =
    [
        new(
            "places are those inside superfluous parentheses, since 3.7 (#16896)",
            static (one, expected, actual) => SameButNotes(expected, actual)
                && Parentheses().IsMatch(one.Query)
                && Notes(expected).Select(WithoutPlace).ToHashSet().SetEquals(Notes(actual).Select(WithoutPlace))),
        new(
            "sums near the largest float overflow or not by the order of series, which functions do not define in a range query",
            static (one, expected, actual) => one.Step > 0 && expected.Error is null && actual.Error is null
                && one.Query.Contains("huge", StringComparison.Ordinal) && Sums().IsMatch(one.Query)),
        new(
            "which sides have many elements is checked before values are compared, since 3.9 (#17668)",
            static (_, expected, actual) => expected.Error is null && actual.Error?.StartsWith("multiple matches for labels", StringComparison.Ordinal) == true),
        new(
            "NaN as parameter of topk, bottomk and limitk is an error, since 3.6 (#16725)",
            static (_, expected, actual) => expected.Error is null && actual.Error == "Parameter value is NaN"),
        new(
            "a negated histogram is a gauge, since 3.7 (#17004)",
            static (one, expected, actual) => SameButNotes(expected, actual)
                && one.Query.Contains('-', StringComparison.Ordinal)
                && expected.Warnings.Except(actual.Warnings).Concat(actual.Warnings.Except(expected.Warnings)).All(static w => GaugeOrCounter().IsMatch(w))),
        new(
            "mixed schemas are noticed without buckets too, since 3.12 (#18660)",
            static (one, expected, actual) => SameButNotes(expected, actual)
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
            "counters read from gauge histograms: resets depend on empty buckets that chunks of Prometheus spell out",
            static (one, expected, actual) => one.Query.Contains("nh_gauge", StringComparison.Ordinal) && GaugeAsCounter().IsMatch(one.Query)),
        new(
            "a histogram times infinity: empty buckets that chunks of Prometheus spell out become NaN",
            static (_, expected, actual) => HasInfinity(expected) && HasInfinity(actual)),
        new(
            "which of equal values topk and bottomk keep is not defined, nor which series limitk keeps: a function's series have no order in a range query",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Picks().IsMatch(one.Query)),
        new(
            "count_values turns the last digit of a transcendental function into a label; Go's math library rounds some differently",
            static (one, expected, actual) => one.Query.Contains("count_values", StringComparison.Ordinal)
                && Transcendental().IsMatch(one.Query)
                && expected.Series.Count == actual.Series.Count),
    ];

    /// <summary>The reason of the first exemption that applies, or null.</summary>
    public static string? Find(RandomCase one, Answer expected, Answer actual) => Deliberate.Concat(All).FirstOrDefault(e => e.Applies(one, expected, actual))?.Reason;

    private static bool MergesSince(RandomCase one, Answer expected, Answer actual, string construct) =>
        expected.Error == SameLabelset && actual.Error is null && one.Step > 0 && one.Query.Contains(construct, StringComparison.Ordinal);

    private static IEnumerable<string> Notes(Answer answer) => answer.Warnings.Concat(answer.Infos);

    private static string WithoutPlace(string note) => Place().Replace(note, string.Empty);

    [GeneratedRegex(@" \(\d+:\d+\)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"[(,]\s?\(")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"\b(sum|avg)\b")]
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
