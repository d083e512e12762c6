using Deucalion.Cluster.Scenarios;
using Deucalion.Cluster.Stores;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>The page of the long runs, from results made by hand.</summary>
public sealed class ScenarioReportTests
{
    [Fact]
    public void ShowsEachRun_AndTheTimesOfAllThatPassed()
    {
        var report = new ScenarioReport();
        report.Passed(ProcessScenarios.KillPrimary, StoreKind.Etcd, 1, Result(resumed: 7, redundant: null));
        report.Passed(ProcessScenarios.KillPrimary, StoreKind.Etcd, 2, Result(resumed: 5.5, redundant: 20));
        report.Passed(ProcessScenarios.KillPrimary, StoreKind.Etcd, 3, Result(resumed: 12, redundant: 30));
        report.Passed(ProcessScenarios.KillPrimary, StoreKind.S3, 1, Result(resumed: null, redundant: 1));
        report.Failed(ProcessScenarios.KillPrimary, StoreKind.S3, 2, "something is lost\nand more");

        var lines = report.ToMarkdown().Split('\n');
        Assert.Contains("| kill-primary | Etcd | 2 | 10 | 0 | 5.5 s | 6.5 s | 20.0 s | 4 | 5 | 6 | 7 | 8 |", lines);
        Assert.Contains(lines, static line => line.StartsWith("| kill-primary | S3 | 2 | **failed**: something is lost |", StringComparison.Ordinal));
        Assert.Contains("| kill-primary | Etcd | 3 | 5.5 / 7.0 / 12.0 | 6.5 / 8.0 / 13.0 | 20.0 / 30.0 / 30.0 |", lines);
        Assert.Contains("| kill-primary | S3 | 1 | - | - | 1.0 / 1.0 / 1.0 |", lines);
    }

    private static ScenarioResult Result(double? resumed, double? redundant) => new()
    {
        AcknowledgedSamples = 10,
        FailedPushes = 4,
        Answers = 5,
        Errors = 6,
        Unanswered = 7,
        PrometheusSamples = 8,
        Resumed = Seconds(resumed),
        Goodput = Seconds(resumed + 1),
        Redundant = Seconds(redundant),
        Kept = string.Empty,
    };

    private static TimeSpan? Seconds(double? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
