using System.Text.Json;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

/// <summary>What a tenant is told that wants more of a query than it may have, while others are not bothered.</summary>
public sealed class TenantQueryLimitsTests
{
    private const string Hour = "GET /api/v1/query_range?query=up&start=1699996400&end=1700000000&step=15";
    private const string Now = "GET /api/v1/query?time=1700000000&query=";

    private static readonly TenantId Small = TenantId.TryParse("small", out var tenant, out _) ? tenant : throw new InvalidOperationException();

    [Theory]
    [InlineData(Hour, false)]
    [InlineData(Now + "rate(up[1h])", true)]
    [InlineData(Now + "max_over_time(up[1h:1m])", true)]
    [InlineData(Now + "rate(up[10m])", false)]
    [InlineData(Now + "up offset 1h", false)]
    public async Task RefusesSelectorsThatLookAtTooLongATime(string request, bool refused)
    {
        await using var host = await StartAsync(Limits() with { QueryMaxRange = request == Hour ? TimeSpan.FromMinutes(65) : TimeSpan.FromMinutes(30) });
        var (status, body) = await host.SendAsync(request, ("X-Scope-OrgID", "small"));
        Assert.Equal(refused ? 422 : 200, status);
        Assert.Equal(200, (await host.SendAsync(request)).Status);
        if (refused)
        {
            Assert.Matches("^tenant \"small\": a selector that looks at (59m59s999ms|1h[0-9a-z]*) exceeds the limit of 30m \\(query_max_range\\); raise it in limits.overrides.small.query_max_range$", Error(body, "execution"));
        }
    }

    [Fact]
    public async Task CountsTheLookback_WhenTheRangeIsLimited()
    {
        await using var host = await StartAsync(Limits() with { QueryMaxRange = TimeSpan.FromHours(1) });
        var (status, body) = await host.SendAsync(Hour, ("X-Scope-OrgID", "small"));
        Assert.Equal(422, status);
        Assert.Matches("^tenant \"small\": a selector that looks at 1h(4m59s999ms|5m) exceeds the limit of 1h \\(query_max_range\\); ", Error(body, "execution"));
        Assert.Equal(200, (await host.SendAsync(Hour + "&lookback_delta=1ms", ("X-Scope-OrgID", "small"))).Status);
    }

    [Fact]
    public async Task RefusesTooManySamples()
    {
        await using var host = await StartAsync(Limits() with { QueryMaxSamples = 10 });
        var (status, body) = await host.SendAsync(Now + "up[1h]", ("X-Scope-OrgID", "small"));
        Assert.Equal(422, status);
        Assert.Equal(
            "query processing would load too many samples into memory in query execution: "
            + "tenant \"small\": more samples exceed the limit of 10 (query_max_samples); raise it in limits.overrides.small.query_max_samples",
            Error(body, "execution"));
        Assert.Equal(200, (await host.SendAsync(Now + "up[1h]")).Status);
    }

    [Fact]
    public async Task RefusesTooMuchMemory()
    {
        await using var host = await StartAsync(Limits() with { QueryMaxBytes = 100 });
        var (status, body) = await host.SendAsync(Now + "sum(up)", ("X-Scope-OrgID", "small"));
        Assert.Equal(422, status);
        Assert.EndsWith(": tenant \"small\": more memory exceeds the limit of 100 bytes (query_max_bytes); raise it in limits.overrides.small.query_max_bytes", Error(body, "execution"), StringComparison.Ordinal);
        Assert.Equal(200, (await host.SendAsync(Now + "sum(up)")).Status);
    }

    [Fact]
    public async Task EndsQueriesThatTakeTooLong()
    {
        var sources = SampleData.Service();
        sources.BeforeSelect = static token => Task.Delay(Timeout.Infinite, token);
        await using var host = await StartAsync(Limits() with { QueryTimeout = TimeSpan.FromMilliseconds(50) }, sources);
        var (status, body) = await host.SendAsync(Now + "up", ("X-Scope-OrgID", "small"));
        Assert.Equal(503, status);
        Assert.Matches("^query timed out in [a-z ]+: tenant \"small\": a [a-z ]+ the limit of 50ms \\(query_timeout\\); raise it in limits.overrides.small.query_timeout$", Error(body, "timeout"));
        Assert.Equal("query timed out in expression evaluation", Error((await host.SendAsync(Now + "up&timeout=40ms", ("X-Scope-OrgID", "small"))).Body, "timeout"));
    }

    [Fact]
    public async Task LetsQueriesWait_AndSaysForWhat_WhenTooManyRun()
    {
        var sources = SampleData.Service();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sources.BeforeSelect = _ =>
        {
            running.TrySetResult();
            return goOn.Task;
        };
        await using var host = await StartAsync(Limits() with { QueryMaxConcurrent = 1 }, sources);
        var first = host.SendAsync(Now + "up", ("X-Scope-OrgID", "small"));
        await running.Task;
        sources.BeforeSelect = static _ => Task.CompletedTask;
        Assert.Equal(200, (await host.SendAsync(Now + "up")).Status);
        var (status, body) = await host.SendAsync(Now + "up&timeout=50ms", ("X-Scope-OrgID", "small"));
        Assert.Equal(503, status);
        Assert.Equal(
            "query timed out in query queue: tenant \"small\": this query beside those that run would exceed the limit of 1 (query_max_concurrent); raise it in limits.overrides.small.query_max_concurrent",
            Error(body, "timeout"));
        var third = host.SendAsync(Now + "up", ("X-Scope-OrgID", "small"));
        goOn.SetResult();
        Assert.Equal((200, 200), ((await first).Status, (await third).Status));
    }

    [Fact]
    public async Task TakesTheLimitsThatAreInForceWhenAQueryComes()
    {
        var limits = new ReloadableLimits(LimitSet.Same(Limits() with { QueryMaxSamples = 10 }));
        await using var host = await ApiHost.StartAsync(SampleData.Service(), null, services => services.AddSingleton<ITenantLimits>(limits));
        Assert.Equal(422, (await host.SendAsync(Now + "up[1h]")).Status);
        limits.Replace(LimitSet.Same(Limits()));
        Assert.Equal(200, (await host.SendAsync(Now + "up[1h]")).Status);
    }

    private static TenantLimits Limits() => TenantLimits.Default with { Bounds = TenantLimits.Default };

    private static Task<ApiHost> StartAsync(TenantLimits ofSmall, MemorySources? sources = null) => ApiHost.StartAsync(
        sources ?? SampleData.Service(),
        null,
        services => services.AddSingleton<ITenantLimits>(new LimitSet(TenantLimits.Default, new Dictionary<TenantId, TenantLimits> { [Small] = ofSmall })));

    private static string Error(string body, string type)
    {
        using var json = JsonDocument.Parse(body);
        Assert.Equal(type, json.RootElement.GetProperty("errorType").GetString());
        return json.RootElement.GetProperty("error").GetString()!;
    }
}
