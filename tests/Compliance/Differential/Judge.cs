using System.Text.RegularExpressions;
using Deucalion.Compliance.Answers;
using Deucalion.Compliance.Servers;

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
        var exemption = difference is null ? null : Exemptions.Find(one, expected, actual);
        return new Verdict(one, expected, actual, difference, exemption, comparison.NeededMagnitude);
    }

    /// <summary>The largest input: of the metrics that the query names, of all where it selects names by pattern.</summary>
    private double Magnitude(string query) =>
        magnitudes.Where(m => query.Contains(m.Key, StringComparison.Ordinal) || (query.Contains("__name__=~", StringComparison.Ordinal) && m.Key != "huge"))
            .Select(static m => m.Value).DefaultIfEmpty(0).Max();

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
    private static string Normal(string note) => ClassicBucketsName().Replace(MonotonicityDetails().Replace(note, string.Empty), "$1");

    [GeneratedRegex(@", from buckets .* to [^ ]+(?= \()")]
    private static partial Regex MonotonicityDetails();

    [GeneratedRegex(@"^(PromQL (?:info: input to histogram_quantile needed|warning: bucket label ""le"" is missing|warning: vector contains a mix of classic).*) for metric name ""[^""]*""")]
    private static partial Regex ClassicBucketsName();

    [GeneratedRegex(@"^\d+ more (warning|info) annotations omitted$")]
    private static partial Regex OmittedNotes();
}
