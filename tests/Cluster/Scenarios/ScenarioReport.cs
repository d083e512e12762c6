using System.Globalization;
using System.Text;
using Deucalion.Cluster.Stores;

namespace Deucalion.Cluster.Scenarios;

/// <summary>The runs of a long evening as a page. Thread-safe.</summary>
internal sealed class ScenarioReport
{
    private readonly Lock _lock = new();
    private readonly List<(Scenario Scenario, StoreKind Store, int Round, ScenarioResult? Result, string? Failure)> _rows = [];

    /// <summary>What failed, or nothing.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows.Where(static r => r.Failure is not null).Select(static r => $"{r.Scenario.Name} over {r.Store}, round {r.Round}: {r.Failure}")];
            }
        }
    }

    public void Passed(Scenario scenario, StoreKind store, int round, ScenarioResult result) => Add((scenario, store, round, result, null));

    public void Failed(Scenario scenario, StoreKind store, int round, string failure) => Add((scenario, store, round, null, failure));

    public void WriteTo(string page)
    {
        lock (_lock)
        {
            File.WriteAllText(page, ToMarkdown());
        }
    }

    private void Add((Scenario Scenario, StoreKind Store, int Round, ScenarioResult? Result, string? Failure) row)
    {
        lock (_lock)
        {
            _rows.Add(row);
        }
    }

    /// <summary>The page.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"""
            # Faults of a cluster

            Written by `./test long Cluster`: real processes on one machine of two cores, real stores, senders that keep account of every acknowledgement. After each
            run every node had to answer with every acknowledged sample, and all replicas had to be equal. A sample that was acknowledged and missing, a value that was never
            sent, an answer older than what had been acknowledged before the question, or an error that names nothing would have failed the run.
            Times are the longest of a run: until every sender was acknowledged again, until every sender had nine tenths of what it offers, until all partitions had all
            their replicas. Errors are questions answered by an error that named its reason; unanswered ones went to nodes that were down.

            | what happens | name |
            |---|---|
            {string.Join('\n', _rows.Select(static r => r.Scenario).Distinct().Select(static s => $"| {s.Story} | `{s.Name}` |"))}

            | scenario | store | round | acknowledged | lost | writes back | goodput back | redundant | failed pushes | answers | errors | unanswered | samples of Prometheus |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (var (scenario, store, round, result, failure) in _rows.OrderBy(static r => r.Scenario.Name, StringComparer.Ordinal).ThenBy(static r => r.Store).ThenBy(static r => r.Round))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {scenario.Name} | {store} | {round} | ");
            text.Append(result is null ? $"**failed**: {failure!.Split('\n')[0]} | | | | | | | | | |" : Numbers(result));
            text.Append('\n');
        }

        text.Append(Distribution());
        return text.ToString();
    }

    /// <summary>How long writes and redundancy took to come back, over all runs of what happened.</summary>
    private string Distribution()
    {
        var text = new StringBuilder("""

            ## Times over all rounds

            Least, median and most, in seconds; each value is the longest of its run.

            | scenario | store | runs | writes back | goodput back | redundant |
            |---|---|---|---|---|---|

            """);
        var groups = _rows.Where(static r => r.Result is not null).GroupBy(static r => (r.Scenario.Name, r.Store));
        foreach (var group in groups.OrderBy(static g => g.Key.Name, StringComparer.Ordinal).ThenBy(static g => g.Key.Store))
        {
            var results = group.Select(static r => r.Result!).ToList();
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Name} | {group.Key.Store} | {results.Count} | {Spread(results, static r => r.Resumed)} | {Spread(results, static r => r.Goodput)} | {Spread(results, static r => r.Redundant)} |\n");
        }

        return text.ToString();
    }

    private static string Spread(List<ScenarioResult> results, Func<ScenarioResult, TimeSpan?> time)
    {
        var sorted = results.Select(time).OfType<TimeSpan>().Select(static t => t.TotalSeconds).Order().ToList();
        return sorted.Count == 0
            ? "-"
            : string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:F1} / {sorted[sorted.Count / 2]:F1} / {sorted[^1]:F1}");
    }

    private static string Numbers(ScenarioResult r) => string.Create(
        CultureInfo.InvariantCulture,
        $"{r.AcknowledgedSamples} | 0 | {Seconds(r.Resumed)} | {Seconds(r.Goodput)} | {Seconds(r.Redundant)} | {r.FailedPushes} | {r.Answers} | {r.Errors} | {r.Unanswered} | {r.PrometheusSamples} |");

    private static string Seconds(TimeSpan? time) => time is { } t ? t.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) + " s" : "-";
}
