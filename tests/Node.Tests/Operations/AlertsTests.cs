using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Deucalion.Node.Tests.Operations;

public sealed partial class AlertsTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void NamesOnlyMetricsThatExist()
    {
        var names = MetricName().Matches(File.ReadAllText(Path.Combine(Root, "deploy", "alerts.yml")) + File.ReadAllText(Path.Combine(Root, "docs", "operations.md")))
            .Select(static m => m.Value).Distinct().ToList();
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.True(names.Count > 10, $"only {names.Count} names found");
        Assert.All(names, name => Assert.Contains($"\"{name}\"", source, StringComparison.Ordinal));
    }

    [Fact]
    public void HasARunbookSection_ForEachAlert()
    {
        var alerts = AlertName().Matches(File.ReadAllText(Path.Combine(Root, "deploy", "alerts.yml"))).Select(static m => m.Groups[1].Value).ToList();
        var runbook = File.ReadAllText(Path.Combine(Root, "docs", "runbooks", "README.md"));
        Assert.True(alerts.Count > 5);
        Assert.All(alerts, alert => Assert.Contains($"## {alert}\n", runbook, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"deucalion_[a-z_]+(?=[\[{`> ]|$)", RegexOptions.Multiline)]
    private static partial Regex MetricName();

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex AlertName();

    private static string FindRoot([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
