using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>
/// Every scenario three times (DEUCALION_CLUSTER_ROUNDS: another number) over every store, two at a time (DEUCALION_CLUSTER_AT_ONCE); a failure does not
/// keep the others from being tried. Takes hours. DEUCALION_CLUSTER_ONLY, a regular expression over names such as <c>kill-primary/Etcd</c>, tries a part and
/// leaves the page alone.
/// </summary>
public sealed class FaultsLong(ITestOutputHelper output)
{
    private static readonly StoreKind[] Stores = [StoreKind.Local, StoreKind.Etcd, StoreKind.S3];

    [Fact]
    [Trait("Category", "long")]
    public async Task KeepsItsPromises_WhateverHappensOnWhateverStore()
    {
        var report = new ScenarioReport();
        var page = Path.Combine(NodeProgram.RepositoryRoot(), "docs", "reports", "cluster-faults.md");
        Directory.CreateDirectory(Path.GetDirectoryName(page)!);
        var only = Environment.GetEnvironmentVariable("DEUCALION_CLUSTER_ONLY");
        var runs =
            from round in Enumerable.Range(1, Number("ROUNDS", 3))
            from scenario in AllScenarios.List
            from store in Stores
            where only is null || Regex.IsMatch($"{scenario.Name}/{store}", only)
            select (scenario, store, round);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Number("AT_ONCE", 2), CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(runs, options, async (run, _) =>
        {
            var (scenario, store, round) = run;
            try
            {
                var result = await RealScenario.RunAsync(scenario, store, ScenarioTimes.For(store));
                report.Passed(scenario, store, round, result);
                output.WriteLine($"{scenario.Name}/{store}: {result}");
            }
            catch (ClusterTestException e)
            {
                report.Failed(scenario, store, round, e.Message);
                output.WriteLine($"{scenario.Name}/{store} failed: {e.Message}");
            }

            if (only is null)
            {
                report.WriteTo(page);
            }
        });

        Assert.True(report.Failures.Count == 0, string.Join("\n\n", report.Failures));
    }

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable("DEUCALION_CLUSTER_" + name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
