using Deucalion.Node.Cli;
using Xunit;

namespace Deucalion.Node.Tests.Cli;

public sealed class TestCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("deucalion-node-").FullName;

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public async Task ExitsAsPromtool_WhenTestsOfRulesRun(int expected, int exitCode)
    {
        var token = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(_directory, "a.rules.yml"), "groups: [{name: g, rules: [{record: r, expr: m + 1}]}]", token);
        var tests = Path.Combine(_directory, "tests.yml");
        await File.WriteAllTextAsync(
            tests,
            $"rule_files: ['*.rules.yml']\ntests: [{{input_series: [{{series: m, values: 1x3}}], promql_expr_test: [{{expr: r, eval_time: 1m, exp_samples: [{{labels: r, value: {expected}}}]}}]}}]",
            token);
        Assert.Equal(exitCode, await CommandLine.RunAsync(["test", "rules", tests]));
    }

    [Fact]
    public async Task ExitsWithUsage_WhenNoFileIsNamed() => Assert.Equal(2, await CommandLine.RunAsync(["test", "rules"]));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
