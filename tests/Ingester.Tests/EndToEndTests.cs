using System.Net;
using System.Net.Http.Headers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Testing.RemoteWrite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Deucalion.Ingester.Tests;

/// <summary>Remote write over real HTTP into an ingester, read back from heads and blocks.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        await _ingester.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _ingester.Module.Map(_app);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        await _ingester.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/v1/push")]
    [InlineData("/api/v1/write")]
    [InlineData("/api/v1/receive")]
    public async Task APushIsReadable_OnEveryPath(string path)
    {
        using var response = await PushAsync(path, new WriteRequestEncoder().Series([("__name__", "metric"), ("series", "a")], [(Now, 1), (Now + 1, 2)]));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(2, (await _ingester.ReadHeadsAsync(TenantId.Anonymous)).Count);
        using var get = await _client.GetAsync(path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task APartlyInvalidPushStoresTheRest_AndSaysWhy()
    {
        using var response = await PushAsync("/api/v1/push", new WriteRequestEncoder()
            .Series([("__name__", "metric"), ("series", "a")], [(Now, 1)])
            .Series([("series", "nameless")], [(Now, 1)])
            .Series([("series", "b"), ("__name__", "metric"), ("empty", "")], [(Now, 1), (Now + 86_400_000, 1)]));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("missing_metric_name: 1", text, StringComparison.Ordinal);
        Assert.Contains("too_far_in_future: 1", text, StringComparison.Ordinal);
        Assert.Equal(2, (await _ingester.ReadHeadsAsync(TenantId.Anonymous)).Count);
    }

    [Fact]
    public async Task FlushMakesBlocks_AndMetadataEndpointsSeeHeads()
    {
        var request = new WriteRequestEncoder();
        for (var i = 0; i < 300; i++)
        {
            request.Series([("__name__", "metric"), ("series", IngesterFixture.Name(i))], [(Now, i)]);
        }

        using (await PushAsync("/api/v1/push", request))
        {
        }

        var reads = _ingester.Module.HeadReads;
        LabelMatcher[] all = [new(Common.Labels.MatchType.Equal, "__name__", "metric")];
        Assert.Equal(["__name__", "series"], (await reads.LabelNamesAsync(TenantId.Anonymous, [], 0, long.MaxValue, CancellationToken.None)).Names);
        Assert.Equal(300, (await reads.LabelValuesAsync(TenantId.Anonymous, "series", all, 0, long.MaxValue, CancellationToken.None)).Names.Count);
        Assert.Equal(300, (await reads.SeriesAsync(TenantId.Anonymous, all, 0, long.MaxValue, CancellationToken.None)).Series.Count);
        var status = await reads.StatusAsync(TenantId.Anonymous, 5, CancellationToken.None);
        Assert.Equal((300L, Now, Now), (status.Series, status.MinTime, status.MaxTime));
        Assert.Equal([new NamedCount("metric", 300)], status.SeriesByMetric);

        using var flush = await _client.PostAsync("/ingester/flush?wait=true", null);
        Assert.Equal(HttpStatusCode.NoContent, flush.StatusCode);
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Equal(300, (await _ingester.ReadAllAsync(TenantId.Anonymous)).Count);
        _ingester.Objects.FailBefore = static (_, _) => true;
        using (await PushAsync("/api/v1/push", request.Series([("__name__", "metric"), ("series", "x")], [(Now + 5, 1)])))
        {
        }

        using var failed = await _client.PostAsync("/ingester/flush", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
    }

    [Fact]
    public async Task APushIs503_WhileTheIngesterCannotStore()
    {
        await _ingester.Module.StopAsync(CancellationToken.None);
        using var response = await PushAsync("/api/v1/push", new WriteRequestEncoder().Series([("__name__", "metric")], [(Now, 1)]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("the ingester is closing\n", await response.Content.ReadAsStringAsync());
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
    }

    private async Task<HttpResponseMessage> PushAsync(string path, WriteRequestEncoder request)
    {
        using var content = new ByteArrayContent(request.ToSnappy());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        return await _client.PostAsync(path, content);
    }
}
