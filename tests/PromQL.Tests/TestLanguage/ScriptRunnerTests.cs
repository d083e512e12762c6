using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.TestLanguage;

/// <summary>The runner must notice what is wrong: a runner that passes everything proves nothing.</summary>
public sealed class ScriptRunnerTests
{
    private static async Task<ScriptResult> RunAsync(string script) =>
        await new ScriptRunner(ScriptRunner.DefaultOptions).RunAsync(script, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("m 2")]
    [InlineData("m{a=\"b\"} 1")]
    [InlineData("m 1\n  n 1")]
    [InlineData("")]
    [InlineData("m {{count:1}}")]
    [InlineData("expect warn\n  m 1")]
    [InlineData("expect info\n  m 1")]
    [InlineData("expect fail\n  m 1")]
    [InlineData("1")]
    public async Task Fails_WhenExpectationIsWrong(string expected)
    {
        var result = await RunAsync($"load 1m\n  m 1\n\neval instant at 0 m\n  {expected}\n");
        Assert.Equal(4, Assert.Single(result.Failures).Line);
    }

    [Fact]
    public async Task Fails_WhenRangeHasOtherPoints()
    {
        var result = await RunAsync("load 1m\n  m 1+1x3\n\neval range from 0 to 3m step 1m m\n  m 1 2 _ 4\n\neval range from 0 to 3m step 1m m\n  m 1 2 3 4\n");
        Assert.Equal(4, Assert.Single(result.Failures).Line);
        Assert.Equal(3, result.Commands);
    }

    [Fact]
    public async Task Passes_WhenNotationIsExpanded()
    {
        var result = await RunAsync(
            """
            load 1m
              a 1+2x2 _x2 5-1x1 stale 7
              b {{sum:1 count:1 buckets:[1]}}+{{sum:1 count:1 buckets:[1]}}x2
              c 1e1x1 Inf -inf NaN 1h

            eval range from 0 to 8m step 1m last_over_time(a[59s])
              a 1 3 5 _ _ 5 4 _ 7

            eval instant at 2m b
              b {{sum:3 count:3 buckets:[3]}}

            eval range from 0 to 5m step 1m c
              c 10 10 Inf -Inf NaN 3600

            """);
        Assert.Empty(result.Failures);
        Assert.Equal(4, result.Commands);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("eval instant at 0 sum(")]
    [InlineData("load 1m\n  m 1 bad")]
    [InlineData("eval instant at 0 m\n  m 1 2")]
    [InlineData("eval instant at 0 m\n  expect warn\n  expect no_warn")]
    [InlineData("eval instant at 0 m\n  expect no_info\n  expect info msg: x")]
    [InlineData("eval instant at 0 m\n  expect fail\n  expect fail msg: x")]
    [InlineData("eval_ordered range from 0 to 1m step 1m m")]
    [InlineData("eval instant at 0 m\n  expect nothing")]
    [InlineData("load 1m\n  m {{sum:1 sum:2}}")]
    public async Task Throws_WhenScriptIsNotValid(string script) => await Assert.ThrowsAsync<ScriptException>(() => RunAsync(script));
}
