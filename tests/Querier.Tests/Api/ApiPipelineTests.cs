using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Deucalion.Common.Labels;
using Deucalion.Querier.Api;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class ApiPipelineTests
{
    [Theory]
    [InlineData("PUT /api/v1/query", "GET, OPTIONS, POST")]
    [InlineData("HEAD /api/v1/query?query=1", "GET, OPTIONS, POST")]
    [InlineData("DELETE /prometheus/api/v1/label/x/values", "GET, OPTIONS")]
    [InlineData("POST /api/v1/metadata", "GET, OPTIONS")]
    public async Task AnswersMethodNotAllowed_WhenTheEndpointLacksTheMethod(string request, string allow)
    {
        await using var host = await ApiHost.StartAsync(new MemorySources());
        using var response = await host.SendRawAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal) ? string.Empty : "Method Not Allowed\n", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/v1/query")]
    [InlineData("/prometheus/api/v1/anything")]
    public async Task AllowsOtherOrigins_WhenABrowserAsksFirst(string path)
    {
        await using var host = await ApiHost.StartAsync(new MemorySources());
        using var response = await host.SendRawAsync($"OPTIONS {path}", ("Origin", "http://example.org"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("GET, POST, OPTIONS", response.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("Accept, Authorization, Content-Type, Origin", response.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("Date", response.Headers.GetValues("Access-Control-Expose-Headers").Single());
        Assert.Contains("Origin", response.Headers.Vary);
    }

    [Theory]
    [InlineData("https://a.example.org", "https://a.example.org")]
    [InlineData("https://a.example.org.evil", null)]
    public async Task EchoesTheOrigin_WhenItMatchesTheExpression(string origin, string? allowed)
    {
        await using var host = await ApiHost.StartAsync(new MemorySources(), new QuerierOptions { CorsOrigin = "https://[a-z]+\\.example\\.org" });
        using var response = await host.SendRawAsync("GET /api/v1/labels", ("Origin", origin));
        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
    }

    [Theory]
    [InlineData("a/b", 400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"tenant ID contains unsupported character '/'\"}")]
    [InlineData("empty", 200, "{\"status\":\"success\",\"data\":[]}")]
    [InlineData("other", 200, "{\"status\":\"success\",\"data\":[\"api\"]}")]
    public async Task ReadsTheTenantOfTheHeader_WhenItNamesOne(string tenant, int status, string body)
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        Assert.Equal((status, body), await host.SendAsync("GET /api/v1/label/job/values", ("X-Scope-OrgID", tenant)));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compresses_WhenTheClientAcceptsIt(string encoding)
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        const string Request = "GET /api/v1/query?query=up[1h]&time=1700000000";
        var (_, plain) = await host.SendAsync(Request);
        using var response = await host.SendRawAsync(Request, ("Accept-Encoding", encoding + ", br"));
        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        await using var body = await response.Content.ReadAsStreamAsync();
        await using Stream unpacked = encoding == "gzip" ? new GZipStream(body, CompressionMode.Decompress) : new ZLibStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        Assert.Equal(plain, await reader.ReadToEndAsync());
        Assert.Equal(2, JsonDocument.Parse(plain).RootElement.GetProperty("data").GetProperty("result").GetArrayLength());
    }

    [Fact]
    public async Task AnswersServiceUnavailable_UntilTheServerIsReady()
    {
        await using var host = await ApiHost.StartAsync(new MemorySources(), more: s => s.AddSingleton<IServerStatus>(new NotReady()));
        using var response = await host.SendRawAsync("GET /api/v1/query?query=1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("Service Unavailable", await response.Content.ReadAsStringAsync());
        Assert.Equal("false", response.Headers.GetValues("X-Prometheus-Stopping").Single());
        Assert.Equal((503, "Service Unavailable"), await host.SendAsync("GET /prometheus/-/ready"));
        Assert.Equal((200, "Deucalion is healthy.\n"), await host.SendAsync("GET /prometheus/-/healthy"));
    }

    [Fact]
    public async Task TellsFiguresInPrometheussShape_ForTheStatusPage()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (status, body) = await host.SendAsync("GET /api/v1/status/tsdb?limit=1");
        Assert.Equal(200, status);
        Assert.Equal(
            "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":4,\"numLabelPairs\":7,\"chunkCount\":4,\"minTime\":1000,\"maxTime\":2000},"
            + "\"seriesCountByMetricName\":[{\"name\":\"up\",\"value\":2}],\"labelValueCountByLabelName\":[{\"name\":\"job\",\"value\":2}],"
            + "\"memoryInBytesByLabelName\":[{\"name\":\"job\",\"value\":9}],\"seriesCountByLabelValuePair\":[{\"name\":\"job=a\",\"value\":2}]}}",
            body);
        Assert.Equal(400, (await host.SendAsync("GET /api/v1/status/tsdb?limit=10001")).Status);
    }

    [Fact]
    public async Task SaysWhatItIs_ForStatusRequests()
    {
        await using var host = await ApiHost.StartAsync(new MemorySources());
        foreach (var (path, names) in new[]
        {
            ("buildinfo", "version,revision,branch,buildUser,buildDate,goVersion"),
            ("runtimeinfo", "startTime,CWD,hostname,serverTime,reloadConfigSuccess,lastConfigTime,corruptionCount,goroutineCount,GOMAXPROCS,GOMEMLIMIT,GOGC,GODEBUG,storageRetention"),
            ("config", "yaml"),
            ("flags", string.Empty),
            ("walreplay", "min,max,current"),
        })
        {
            var (status, body) = await host.SendAsync($"GET /api/v1/status/{path}");
            Assert.Equal(200, status);
            Assert.Equal(names, string.Join(',', JsonDocument.Parse(body).RootElement.GetProperty("data").EnumerateObject().Select(p => p.Name)));
        }
    }

    [Fact]
    public async Task HasNoContent_ForExemplarsOfAQueryWithoutSelector()
    {
        await using var host = await ApiHost.StartAsync(new MemorySources());
        Assert.Equal((204, string.Empty), await host.SendAsync("GET /api/v1/query_exemplars?query=1"));
    }

    [Theory]
    [InlineData("GET {0}/api/v1/query_exemplars?query=rate(hits_bucket[5m])", "A1,A2")]
    [InlineData("GET {0}/api/v1/query_exemplars?query=hits_bucket&start=2&end=3", "A2")]
    [InlineData("GET {0}/api/v1/query_exemplars?query=hits_bucket{{le=%221%22}}%20or%20misses", "A1,A2,B1")]
    [InlineData("POST {0}/api/v1/query_exemplars query=max_over_time(sum(-(misses))[5m:1m])", "B1")]
    [InlineData("GET {0}/api/v1/query_exemplars?query=topk(scalar(misses),%20other)", "B1")]
    [InlineData("GET {0}/api/v1/query_exemplars?query=other", "")]
    public async Task ListsExemplars_OfEverySelectorOfTheQuery(string request, string expected)
    {
        const string A1 = "{\"labels\":{\"trace_id\":\"<1>\"},\"value\":\"0.25\",\"timestamp\":1.500}";
        const string A2 = "{\"labels\":{},\"value\":\"+Inf\",\"timestamp\":2}";
        const string B1 = "{\"labels\":{\"trace_id\":\"3\"},\"value\":\"1e-07\",\"timestamp\":-0.001}";
        var sources = new MemorySources();
        sources.Exemplars.Add(new(Labels.Of(("__name__", "hits_bucket"), ("le", "1")), [new(Labels.Of(("trace_id", "<1>")), 0.25, 1500), new(Labels.Empty, double.PositiveInfinity, 2000)]));
        sources.Exemplars.Add(new(Labels.Of(("__name__", "misses")), [new(Labels.Of(("trace_id", "3")), 1e-7, -1)]));
        await using var host = await ApiHost.StartAsync(sources);
        var series = new List<string>();
        var hits = string.Join(',', new[] { A1, A2 }.Where((_, i) => expected.Contains($"A{i + 1}", StringComparison.Ordinal)));
        if (hits.Length > 0)
        {
            series.Add("{\"seriesLabels\":{\"__name__\":\"hits_bucket\",\"le\":\"1\"},\"exemplars\":[" + hits + "]}");
        }

        if (expected.Contains("B1", StringComparison.Ordinal))
        {
            series.Add("{\"seriesLabels\":{\"__name__\":\"misses\"},\"exemplars\":[" + B1 + "]}");
        }

        var answer = "{\"status\":\"success\",\"data\":[" + string.Join(',', series) + "]}";
        foreach (var prefix in new[] { string.Empty, "/prometheus" })
        {
            Assert.Equal((200, answer), await host.SendAsync(string.Format(CultureInfo.InvariantCulture, request, prefix)));
        }

        Assert.EndsWith("\"data\":[]}", (await host.SendAsync("GET /api/v1/query_exemplars?query=misses", ("X-Scope-OrgID", MemorySources.EmptyTenant))).Body, StringComparison.Ordinal);
    }

    private sealed class NotReady : IServerStatus
    {
        public bool IsReady => false;

        public bool IsStopping => false;

        public DateTimeOffset StartTime => default;

        public string ConfigurationYaml => string.Empty;

        public IReadOnlyDictionary<string, string> Flags => new Dictionary<string, string>();

        public string Retention => string.Empty;

        public BuildInformation Build => new() { Version = "1", Runtime = "2" };
    }
}
