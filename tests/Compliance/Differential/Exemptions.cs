using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Common.Labels;
using Deucalion.Compliance.Answers;
using Deucalion.PromQL.Ast;

namespace Deucalion.Compliance.Differential;

/// <summary>
/// Where the engine follows a newer Prometheus than the 3.5 it is compared with; each reason names the change and the version that
/// brought it. Functions that 3.5 does not know are left out of the generator (<see cref="CallGenerator.Newer"/>), as are the modifiers
/// <c>anchored</c>, <c>smoothed</c> and <c>fill</c>, the operators <c>&lt;/</c> and <c>&gt;/</c>, duration expressions and start timestamps.
/// Reasons without a version are about what Prometheus does not define.
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
            "which duplicate comes first is not defined where an operand without order meets several times",
            static (one, expected, actual) => expected.Error is { } error && actual.Error is { } other
                && error.StartsWith("found duplicate series", StringComparison.Ordinal) && DuplicateGroup().Replace(error, string.Empty) == DuplicateGroup().Replace(other, string.Empty)
                && Query(one) is { } query && QueryParts.DependsOnOrder(query, one.Step > 0, BinaryOperands)),
        new(
            "the place of an operator is where it stands, since 3.7 (#16996): before, parentheses to its left led astray",
            static (_, expected, actual) => actual.Error is { } error && expected.Error is { } other && OperatorErrors().IsMatch(error)
                && ErrorPlace().Replace(error, string.Empty) == ErrorPlace().Replace(other, string.Empty)),
        new(
            "parameters of topk, bottomk and limitk are checked as a whole, with or without data, and one that is NaN is told as such, since 3.6 (#16725)",
            static (_, expected, actual) => (actual.Error == "Parameter value is NaN" && (expected.Error is null || IsBadCount(expected)))
                || (IsBadCount(actual) && (IsBadCount(expected) || (expected.Error is null && expected.IsEmpty)))),
        new(
            "which sides have many elements is checked before values are compared, since 3.9 (#17668)",
            static (_, expected, actual) => expected.Error is null && actual.Error?.StartsWith("multiple matches for labels", StringComparison.Ordinal) == true),
        new(
            "equal labels are merged where their times differ: unary minus since 3.9 (#17708), label_replace and label_join since 3.9 (#17703)",
            static (one, expected, actual) => expected.Error == SameLabelset && actual.Error is null && Query(one) is { } query
                && QueryParts.Of(query, one.Step > 0).Any(static p => p.SeveralTimes && p.Part is UnaryExpr { IsMinus: true } or CallExpr { Function.Name: "label_replace" or "label_join" })) { StepByStep = HasNoSubquery },
        new(
            "places are those inside superfluous parentheses, since 3.7 (#16896)",
            static (one, expected, actual) => SameButNotes(expected, actual) && Parentheses().IsMatch(one.Query) && SameNotes(expected, actual, WithoutPlace)),
        new(
            "notes on buckets without a name fall together, since 3.7 (#16794)",
            static (_, expected, actual) => SameButNotes(expected, actual) && SameNotes(expected, actual, WithoutPlace)
                && Notes(expected).Any(static n => n.Contains("bucket label", StringComparison.Ordinal))),
        new(
            "a negated histogram is a gauge, since 3.7 (#17004)",
            static (one, expected, actual) => SameButNotes(expected, actual) && Query(one) is { } query && QueryParts.Of(query, false).Any(static p => p.Part is UnaryExpr { IsMinus: true })
                && expected.Warnings.Except(actual.Warnings).Concat(actual.Warnings.Except(expected.Warnings)).All(static w => GaugeOrCounter().IsMatch(w))),
        new(
            "mixed schemas are noticed without buckets too, since 3.12 (#18660)",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Totals().IsMatch(one.Query)
                && actual.Warnings.Concat(expected.Warnings).Any(static w => w.Contains("exponential and custom buckets", StringComparison.Ordinal))),
        new(
            "buckets are left out below histogram_count, sum and avg wherever these stand, since 3.7 (#17127): gauges read as counters show fewer resets",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Totals().IsMatch(one.Query)
                && actual.Warnings.Any(static w => w.Contains("is not a counter", StringComparison.Ordinal))),
        new(
            "mad_over_time is NaN where a sample is NaN, since 3.14 (#19040)",
            static (_, expected, actual) => expected.Error is null && actual.Error is null)
        {
            Function = static call => call.Function.Name == "mad_over_time",
            Changed = static (expected, actual) => double.IsNaN(actual.Value) && !double.IsNaN(expected.Value),
        },
        new(
            "rate and increase of native histograms do not extrapolate below zero, since 3.6 (#16828)",
            static (_, expected, actual) => expected.Error is null && actual.Error is null)
        {
            Function = static call => call.Function.Name is "rate" or "increase",
            Changed = IsLess,
        },
        new(
            "histogram_fraction of classic histograms interpolates in the first bucket, since 3.8 (#17424)",
            static (_, expected, actual) => expected.Error is null && actual.Error is null)
        {
            Function = static call => call.Function.Name == "histogram_fraction",
            Changed = static (expected, actual) => double.IsNaN(expected.Value) || !double.IsNaN(actual.Value),
        },
        new(
            "info finds its series at every step, since 3.6 (#17135): before, series that came and went shifted the others at several times",
            static (one, expected, _) => expected.Error is null && Query(one) is { } query
                && QueryParts.Of(query, one.Step > 0).Any(static p => p.SeveralTimes && p.Part is CallExpr { Function.Name: "info" })) { StepByStep = HasNoSubquery },
        new(
            "which elements are picked depends on the order of series, which operations at several times and counted values do not have",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && DependsOnOrder(one, static a => a.Op is AggregateOp.TopK or AggregateOp.BottomK or AggregateOp.LimitK))
            { StepByStep = static one => HasNoSubquery(one) && !PicksOrder(one) },
        new(
            "sums near the largest float overflow or not by the order of series, which operations at several times do not have",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && one.Query.Contains("huge", StringComparison.Ordinal)
                && DependsOnOrder(one, static a => a.Op is AggregateOp.Sum or AggregateOp.Avg or AggregateOp.Stddev or AggregateOp.Stdvar)) { StepByStep = static one => HasNoSubquery(one) && !PicksOrder(one) },
        new(
            "a histogram times infinity or NaN: empty buckets that chunks of Prometheus spell out become NaN",
            static (_, expected, actual) => expected.Series.Any(static s => s.Points.Exists(static p => p.Histogram?.Buckets.Any(static b => double.IsNaN(b.Count)) == true))
                && new AnswerComparison(1e-9, 0, ignoreNaNBuckets: true).Difference(expected, actual) is null),
        new(
            "histograms are averaged by their sum first, since 3.10 (#15687): an infinite one no longer leads to NaN",
            static (one, expected, actual) => one.Query.Contains("avg", StringComparison.Ordinal) && DiffersOnly(
                expected, actual, static (e, a) => e.Histogram is { } before && a.Histogram is { } now && double.IsNaN(before.Count) && double.IsInfinity(now.Count))),
        new(
            "gauges and negated histograms read as counters: whether a bucket went down depends on empty buckets that chunks of Prometheus spell out",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && Query(one) is { } query
                && QueryParts.Of(query, false).Any(static p => p.Part is CallExpr { Function.Name: "rate" or "increase" or "irate" or "resets" } call
                    && QueryParts.Of(call.Arguments[0], false).Any(static q => q.Part is UnaryExpr { IsMinus: true }
                        || (q.Part is VectorSelector v && v.Matchers.Any(static m => m.Name == Labels.MetricName && m.Value == "nh_gauge"))))),
        new(
            "3.5 reuses the memory of histograms: now and then some are overwritten by others, and not when asked once more",
            static (_, expected, actual) => DiffersOnly(expected, actual, static (e, a) => e.Histogram is not null && a.Histogram is not null)) { StepByStep = static _ => true },
        new(
            "count_values shows the last digit of histograms, which are summed with compensation since 3.10 (#15687)",
            static (one, expected, actual) => expected.Error is null && actual.Error is null && one.Query.Contains("count_values", StringComparison.Ordinal)
                && Difference(Rounded(expected), Rounded(actual)) is null),
        new(
            "mixed groups: which sample comes first depends on the order of series, which operations at several times do not have",
            static (one, expected, actual) => SameButNotes(expected, actual) && DependsOnOrder(one, static _ => true)
                && SymmetricDifference(expected, actual).All(static n => n.Contains("mix of histograms", StringComparison.Ordinal) || n.Contains("ignored histogram", StringComparison.Ordinal))),
        new(
            "which pair of a step is the last depends on the order of series, which operations at several times do not have",
            static (one, expected, actual) => SameButNotes(expected, actual) && Query(one) is { } query && QueryParts.DependsOnOrder(query, one.Step > 0, BinaryOperands)
                && SymmetricDifference(expected, actual).All(static n => n.Contains("incompatible sample types", StringComparison.Ordinal) || n.Contains("incompatible bucket layout", StringComparison.Ordinal))),
    ];

    private static bool IsBadCount(Answer answer) => answer.Error?.StartsWith("Scalar value ", StringComparison.Ordinal) == true;

    /// <summary>Inner steps cannot be asked for alone.</summary>
    private static bool HasNoSubquery(RandomCase one) => Query(one) is { } query && !QueryParts.Of(query, false).Any(static p => p.Part is SubqueryExpr);

    private static bool PicksOrder(RandomCase one) => Query(one) is { } query && QueryParts.Of(query, false).Any(static p => p.Part is AggregateExpr e && QueryParts.OrdersByStep(e.Inner));

    private static string? Difference(Answer expected, Answer actual) => new AnswerComparison(1e-9, 0).Difference(expected, actual);

    /// <summary>Whether the answers have the same points, all of which agree or differ as allowed.</summary>
    private static bool DiffersOnly(Answer expected, Answer actual, Func<AnswerPoint, AnswerPoint, bool> allowed)
    {
        var others = actual.Series.ToDictionary(static s => s.Labels);
        var comparison = new AnswerComparison(1e-9, 0);
        return expected.Error is null && actual.Error is null && expected.Series.Count == others.Count
            && expected.Series.All(s => others.TryGetValue(s.Labels, out var other) && s.Points.Count == other.Points.Count
                && s.Points.Zip(other.Points).All(p => p.First.Time == p.Second.Time && (comparison.Agree(p.First, p.Second) || allowed(p.First, p.Second))));
    }

    private static Answer Rounded(Answer answer) => answer with
    {
        Series = [.. answer.Series.Select(static s => s with { Labels = Labels.FromSortedPairs([.. s.Labels.Pairs.ToArray().Select(static p => LongNumber().Replace(p, Round))]) })],
    };

    private static string Round(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture).ToString("G9", CultureInfo.InvariantCulture);

    private static bool DependsOnOrder(RandomCase one, Func<AggregateExpr, bool> applies) => Query(one) is { } query
        && QueryParts.DependsOnOrder(query, one.Step > 0, part => part is AggregateExpr e && applies(e) ? [e.Inner] : []);

    private static IEnumerable<Expr> BinaryOperands(Expr part) => part is BinaryExpr e ? [e.Left, e.Right] : [];

    private static Expr? Query(RandomCase one) => EngineAnswers.TryParse(one.Query);

    private static bool IsLess(AnswerPoint expected, AnswerPoint actual)
    {
        if (expected.Histogram is not { } e || actual.Histogram is not { } a || e.Buckets.Count != a.Buckets.Count)
        {
            return false;
        }

        var factor = a.Count / e.Count;
        return factor is > 0 and < 1 && Scales(e.Sum, a.Sum) && e.Buckets.Zip(a.Buckets).All(b => b.First.Lower == b.Second.Lower && Scales(b.First.Count, b.Second.Count));

        bool Scales(double from, double to) => Math.Abs((from * factor) - to) <= 1e-9 * Math.Max(Math.Abs(to), e.Count) || !double.IsFinite(from);
    }

    private static IEnumerable<string> Notes(Answer answer) => answer.Warnings.Concat(answer.Infos);

    private static IEnumerable<string> SymmetricDifference(Answer expected, Answer actual) =>
        Notes(expected).Select(Judge.Normal).Except(Notes(actual).Select(Judge.Normal)).Concat(Notes(actual).Select(Judge.Normal).Except(Notes(expected).Select(Judge.Normal)));

    private static bool SameNotes(Answer expected, Answer actual, Func<string, string> as_) =>
        Notes(expected).Select(as_).ToHashSet().SetEquals(Notes(actual).Select(as_));

    private static string WithoutPlace(string note) => Place().Replace(Judge.Normal(note), string.Empty);

    private static bool SameButNotes(Answer expected, Answer actual) => new AnswerComparison(1e-9, 0).Difference(expected, actual) is null;

    [GeneratedRegex(@"\[(\{.*\}), (\{.*\})\]")]
    private static partial Regex DuplicatePair();

    [GeneratedRegex(@"group \{.*\} on|\[\{.*\}, \{.*\}\]")]
    private static partial Regex DuplicateGroup();

    [GeneratedRegex(@"ON and GROUP clause|BOOL modifier|bool modifier")]
    private static partial Regex OperatorErrors();

    [GeneratedRegex(@"^\d+:\d+")]
    private static partial Regex ErrorPlace();

    [GeneratedRegex(@" \(\d+:\d+\)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"[(,]\s?\(")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"this native histogram metric is not a (gauge|counter)")]
    private static partial Regex GaugeOrCounter();

    [GeneratedRegex(@"\d+\.\d{6,}")]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"\bhistogram_(sum|count|avg)\(")]
    private static partial Regex Totals();
}
