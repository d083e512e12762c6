using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class QueryLimitsTests
{
    [Fact]
    public async Task TimesOutInTheQueue_WhenAllPlacesStayTaken()
    {
        var sources = SampleData.Service();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sources.BeforeSelect = _ =>
        {
            running.TrySetResult();
            return goOn.Task;
        };
        await using var host = await ApiHost.StartAsync(sources, new QuerierOptions { MaxConcurrency = 1 });
        var first = host.SendAsync("GET /api/v1/query?query=up&time=1700000000");
        await running.Task;
        Assert.Equal(
            (503, "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out in query queue: tenant \\\"anonymous\\\": this query beside those that run would exceed the limit of 1 (query_max_concurrent); raise it in query.max_concurrent\"}"),
            await host.SendAsync("GET /api/v1/query?query=up&time=1700000000&timeout=50ms"));
        Assert.Equal(400, (await host.SendAsync("GET /api/v1/query?query=up{")).Status);
        goOn.SetResult();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await host.SendAsync("GET /api/v1/query?query=up&time=1700000000&timeout=1h")).Status);
    }

    [Fact]
    public async Task TimesOut_WhenTheSourceIsSlow()
    {
        var sources = SampleData.Service();
        sources.BeforeSelect = token => Task.Delay(Timeout.Infinite, token);
        await using var host = await ApiHost.StartAsync(sources, new QuerierOptions { Timeout = TimeSpan.FromMilliseconds(50) });
        var (status, body) = await host.SendAsync("GET /api/v1/query_range?query=up&start=0&end=10&step=1");
        Assert.Equal(503, status);
        Assert.StartsWith("{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out in ", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancelsTheQuery_WhenTheClientGoesAway()
    {
        using var errors = new ErrorCounts();
        var sources = SampleData.Service();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sources.BeforeSelect = token =>
        {
            running.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        await using var host = await ApiHost.StartAsync(sources, new QuerierOptions { MaxConcurrency = 1 });
        using var client = new CancellationTokenSource();
        var request = host.Client.GetAsync(new Uri("/api/v1/query?query=up&time=1700000000", UriKind.Relative), client.Token);
        await running.Task;
        sources.BeforeSelect = _ => Task.CompletedTask;
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        // The only place is free again, and the failure was counted as what it is.
        Assert.Equal(200, (await host.SendAsync("GET /api/v1/query?query=up&time=1700000000")).Status);
        await errors.WaitForAsync("canceled");
    }

    [Fact]
    public async Task TellsWhatAQueryCost_WhenAsked()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (_, body) = await host.SendAsync("GET /api/v1/query?query=up&time=1700000000&stats=true");
        Assert.Matches(
            "\"stats\":\\{\"timings\":\\{\"evalTotalTime\":[0-9.e-]+,\"resultSortTime\":[0-9.e-]+,\"queryPreparationTime\":[0-9.e-]+,\"innerEvalTime\":[0-9.e-]+,"
            + "\"execQueueTime\":[0-9.e-]+,\"execTotalTime\":[0-9.e-]+\\},\"samples\":\\{\"totalQueryableSamples\":2,\"samplesRead\":[0-9]+,\"peakSamples\":[0-9]+\\}\\}\\}\\}$",
            body);
    }

    [Fact]
    public async Task MeasuresEachOperator_WhenAllStatisticsAreAsked()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (_, body) = await host.SendAsync("GET /api/v1/query?query=sum(up)&time=1700000000&stats=all");
        const string Times = "\"openTime\":[0-9.e-]+,\"evalTime\":[0-9.e-]+";
        Assert.Matches(
            "\"peakSamples\":[0-9]+\\},\"peakBytes\":[0-9]+,\"operators\":\\{\"operator\":\"aggregate sum\",\"series\":1,\"samples\":1,\"peakBytes\":[1-9][0-9]*,"
            + Times + ",\"inputs\":\\[\\{\"operator\":\"select up\",\"series\":2,\"samples\":[1-9][0-9]*,\"peakBytes\":[1-9][0-9]*," + Times + ",\"inputs\":\\[\\]\\}\\]\\}\\}\\}\\}$",
            body);
    }

    [Fact]
    public async Task PrintsThePlan_WhenAsked()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (_, body) = await host.SendAsync("GET /api/v1/query_range?query=sum(up)/(1%2B1)&start=1700000000&end=1700000060&step=30&explain=true");
        Assert.EndsWith(
            ",\"explanation\":\"binary /\\n\u251c\u2500 aggregate sum\\n\u2502  \u2514\u2500 select up  [read 1: 2 series]\\n\u2514\u2500 number 2\"}}", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusesAQuery_ThatWouldHoldTooManyBytes()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service(), new QuerierOptions { MaxBytes = 100 });
        var (status, body) = await host.SendAsync("GET /api/v1/query?query=sum(up)&time=1700000000");
        Assert.Equal(422, status);
        Assert.Contains("bytes of memory, more than 100: select fewer series, a shorter time or a larger step: tenant \\\"anonymous\\\": more memory exceeds the limit of 100 bytes (query_max_bytes); raise it in query.max_bytes", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query=up&time=1700000240", true)]
    [InlineData("query=up&time=1700000240&lookback_delta=60", false)]
    [InlineData("query=up&time=1700000360", false)]
    [InlineData("query=up&time=1700000360&lookback_delta=10m", true)]
    [InlineData("query=up&time=1700000240&lookback_delta=-5", true)]
    public async Task LooksBackAsFarAsAsked(string parameters, bool found)
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (status, body) = await host.SendAsync($"GET /api/v1/query?{parameters}");
        Assert.Equal(200, status);
        Assert.Equal(found, body.Contains("\"up\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RefusesAQuery_ThatWouldHoldTooManySamples()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service(), new QuerierOptions { MaxSamples = 10 });
        Assert.Equal(
            (422, "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"query processing would load too many samples into memory in query execution: tenant \\\"anonymous\\\": more samples exceed the limit of 10 (query_max_samples); raise it in query.max_samples\"}"),
            await host.SendAsync("GET /api/v1/query?query=up[1h]&time=1700000000"));
    }

    [Fact]
    public async Task CapsWarnings_WhenThereAreMoreThanTen()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var query = Uri.EscapeDataString(string.Join(" or ", Enumerable.Range(2, 13).Select(i => $"quantile({i}, up)")));
        var (_, body) = await host.SendAsync($"GET /api/v1/query?query={query}&time=1700000000");
        Assert.EndsWith(",\"3 more warning annotations omitted\"]}", body, StringComparison.Ordinal);
        Assert.Equal(10, body.Split("PromQL warning: quantile value").Length - 1);
    }

    private sealed class ErrorCounts : IDisposable
    {
        private readonly ConcurrentQueue<string> _types = new();
        private readonly MeterListener _listener = new();

        public ErrorCounts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "deucalion_querier_errors_total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _types.Enqueue((string)tags[0].Value!));
            _listener.Start();
        }

        public async Task WaitForAsync(string type)
        {
            while (!_types.Contains(type))
            {
                await Task.Delay(1);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
