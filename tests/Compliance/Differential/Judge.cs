using System.Text.RegularExpressions;
using Deucalion.Compliance.Answers;
using Deucalion.Compliance.Servers;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Printer;

namespace Deucalion.Compliance.Differential;

/// <summary>Asks both engines one case and compares results, errors, warnings and infos.</summary>
public sealed partial class Judge(Rivals rivals, IReadOnlyDictionary<string, double> magnitudes)
{
    private const double Relative = 1e-9;

    /// <summary>Prometheus's limit of warnings and of infos in one answer.</summary>
    private const int MostNotes = 10;

    public async Task<Verdict> JudgeAsync(RandomCase one, CancellationToken cancellationToken)
    {
        var expected = await rivals.Prometheus.AskAsync(one.Query, one.Start, one.End, one.Step, cancellationToken);
        var actual = await rivals.Engine.AskAsync(one.Query, one.Start, one.End, one.Step, cancellationToken);
        var comparison = new AnswerComparison(Relative, Magnitude(one.Query));
        var difference = comparison.Difference(expected, actual) ?? (expected.Error is null ? Notes(expected, actual) : null);
        string? exemption = null;
        foreach (var candidate in difference is null ? [] : Exemptions.All)
        {
            if (exemption is null && candidate.Applies(one, expected, actual) && await HoldsAsync(candidate, one, actual, cancellationToken))
            {
                exemption = candidate.Reason;
            }
        }

        return new Verdict(one, expected, actual, difference, exemption, comparison.NeededMagnitude);
    }

    private async Task<bool> HoldsAsync(Exemption exemption, RandomCase one, Answer actual, CancellationToken cancellationToken) =>
        (exemption.StepByStep?.Invoke(one) != true || await AgreesAtEachStepAsync(one, actual, cancellationToken))
        && (exemption.Function is null || (EngineAnswers.TryParse(one.Query) is { } query && await ChangedAsync(exemption, query, one, cancellationToken)));

    /// <summary>Whether Prometheus, asked for each step alone, answers what the engine answers for the range.</summary>
    private async Task<bool> AgreesAtEachStepAsync(RandomCase one, Answer actual, CancellationToken cancellationToken)
    {
        var query = one.Query.Replace("@ start()", "@ " + Seconds(one.Start), StringComparison.Ordinal)
            .Replace("@ end()", "@ " + Seconds(one.End), StringComparison.Ordinal);
        for (var time = one.Start; time <= one.End; time += Math.Max(one.Step, 1))
        {
            var expected = await rivals.Prometheus.AskAsync(query, time, time, 0, cancellationToken);
            var at = actual.Series.Select(s => new AnswerSeries(s.Labels, [.. s.Points.Where(p => p.Time == time)])).Where(static s => s.Points.Count > 0);
            if (expected.Error != actual.Error
                || new AnswerComparison(Relative, Magnitude(one.Query), ignoreNaNBuckets: true).Difference(expected, new Answer { Type = expected.Type, Text = expected.Text, Series = [.. at] }) is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a call of the changed function differs, and every call only as the change has it.</summary>
    private async Task<bool> ChangedAsync(Exemption exemption, Expr expr, RandomCase one, CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var (call, at) in Calls(expr, one).Where(c => exemption.Function!(c.Call)))
        {
            var query = ExprPrinter.Print(call);
            var expected = await rivals.Prometheus.AskAsync(query, at.Start, at.End, at.Step, cancellationToken);
            var actual = await rivals.Engine.AskAsync(query, at.Start, at.End, at.Step, cancellationToken);
            var others = actual.Series.ToDictionary(static s => s.Labels);
            if (expected.Error is not null || actual.Error is not null || expected.Series.Count != actual.Series.Count)
            {
                return false;
            }

            foreach (var series in expected.Series)
            {
                if (!others.TryGetValue(series.Labels, out var other) || other.Points.Count != series.Points.Count)
                {
                    return false;
                }

                foreach (var (a, b) in series.Points.Zip(other.Points))
                {
                    var agree = new AnswerComparison(Relative, 0).Agree(a, b);
                    if (!agree && !exemption.Changed!(a, b))
                    {
                        return false;
                    }

                    any |= !agree;
                }
            }
        }

        return any;
    }

    /// <summary>The calls of an expression with the times at which they are evaluated.</summary>
    private static IEnumerable<(CallExpr Call, RandomCase At)> Calls(Expr expr, RandomCase at)
    {
        IEnumerable<(CallExpr, RandomCase)> inner = expr switch
        {
            ParenExpr e => Calls(e.Inner, at),
            UnaryExpr e => Calls(e.Inner, at),
            BinaryExpr e => Calls(e.Left, at).Concat(Calls(e.Right, at)),
            AggregateExpr e => Calls(e.Inner, at).Concat(e.Parameter is null ? [] : Calls(e.Parameter, at)),
            CallExpr e => e.Arguments.SelectMany(a => Calls(a, at)).Prepend((e, at)),
            SubqueryExpr e => Calls(e.Inner, Within(e, at)),
            _ => [],
        };
        return inner;
    }

    private static RandomCase Within(SubqueryExpr subquery, RandomCase at)
    {
        var (first, last) = subquery.Modifiers.At switch
        {
            AtKind.None => (at.Start, at.End),
            AtKind.Start => (at.Start, at.Start),
            AtKind.End => (at.End, at.End),
            _ => (subquery.Modifiers.AtTimestamp, subquery.Modifiers.AtTimestamp),
        };
        var step = subquery.Step > 0 ? subquery.Step : 60_000;
        var edge = first - subquery.Modifiers.Offset - subquery.Range;
        return at with { Start = (edge / step * step) + step, End = last - subquery.Modifiers.Offset, Step = step };
    }

    private static string Seconds(long milliseconds) => (milliseconds / 1000m).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The largest input: of the metrics that the query names, of all where it selects names by pattern; times count where they are read.</summary>
    private double Magnitude(string query) => Math.Max(
        query.Contains("timestamp(", StringComparison.Ordinal) ? RandomData.End / 1000.0 : 0,
        magnitudes.Where(m => query.Contains(m.Key, StringComparison.Ordinal) || (query.Contains("__name__=~", StringComparison.Ordinal) && m.Key != "huge"))
            .Select(static m => m.Value).DefaultIfEmpty(0).Max());

    private static string? Notes(Answer expected, Answer actual) =>
        Notes("warning", expected.Warnings, actual.Warnings) ?? Notes("info", expected.Infos, actual.Infos);

    private static string? Notes(string kind, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        var ours = actual.Where(static t => !Exemptions.NewerNotes.Any(n => t.Contains(n.Text, StringComparison.Ordinal)))
            .Select(Normal).ToHashSet(StringComparer.Ordinal);
        var theirs = expected.Select(Normal).ToHashSet(StringComparer.Ordinal);
        var omitted = theirs.RemoveWhere(static t => OmittedNotes().IsMatch(t)) > 0 || theirs.Count >= MostNotes;
        if (theirs.FirstOrDefault(t => !ours.Contains(t)) is { } missing)
        {
            return $"{kind} is missing: {missing}";
        }

        return !omitted && ours.FirstOrDefault(o => !theirs.Contains(o)) is { } extra ? $"{kind} is not expected: {extra}" : null;
    }

    /// <summary>
    /// Since 3.10 the extent is named where buckets were made monotonic (#15578), since 3.7 no metric name where names are dropped by then (#16794).
    /// </summary>
    public static string Normal(string note) => ClassicBucketsName().Replace(MonotonicityDetails().Replace(note, string.Empty), "$1");

    [GeneratedRegex(@", from buckets .* to [^ ]+(?= \()")]
    private static partial Regex MonotonicityDetails();

    [GeneratedRegex(@"^(PromQL (?:info: input to histogram_quantile needed|warning: bucket label ""le"" is missing|warning: vector contains a mix of classic).*) for metric name ""[^""]*""")]
    private static partial Regex ClassicBucketsName();

    [GeneratedRegex(@"^\d+ more (warning|info) annotations omitted$")]
    private static partial Regex OmittedNotes();
}
