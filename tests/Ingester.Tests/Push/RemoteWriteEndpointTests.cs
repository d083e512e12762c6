using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Limits;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Deucalion.Testing;
using Deucalion.Testing.RemoteWrite;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

public sealed class RemoteWriteEndpointTests : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly StubDistributor _distributor = new();
    private readonly ManualTime _time = new();
    private TenantLimits _limits = TenantLimits.Default with { Bounds = TenantLimits.Default };

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Answers204_AndPassesTheTenant()
    {
        var response = await PostAsync(Request(), tenant: "team-a");
        Assert.Equal((204, ""), response);
        Assert.Equal("team-a", _distributor.Tenant.Value);
        Assert.Equal(2, _distributor.Samples);
    }

    [Fact]
    public async Task UsesTheDefaultTenant_WhenNoneIsNamed()
    {
        await PostAsync(Request());
        Assert.Equal("anonymous", _distributor.Tenant.Value);
    }

    [Theory]
    [InlineData("a/b", "tenant ID contains unsupported character '/'")]
    [InlineData("", "tenant ID is empty")]
    public async Task Answers400_WhenTheTenantIsInvalid(string tenant, string message) => Assert.Equal((400, message + "\n"), await PostAsync(Request(), tenant: tenant));

    [Fact]
    public async Task Answers405_WhenNotPost() => Assert.Equal(405, (await SendAsync("GET", [], null, null, null, new RemoteWriteOptions())).Status);

    [Theory]
    [InlineData(null, null, 204)]
    [InlineData("application/x-protobuf", "snappy", 204)]
    [InlineData("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", 204)]
    [InlineData("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", 204)]
    [InlineData("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", 415)]
    [InlineData("application/json", "snappy", 415)]
    [InlineData("application/x-protobuf", "gzip", 415)]
    public async Task ChecksMediaTypeAndEncoding(string? contentType, string? encoding, int status) =>
        Assert.Equal(status, (await SendAsync("POST", Request(), null, contentType, encoding, new RemoteWriteOptions())).Status);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answers413_WhenTheBodyIsTooLarge(bool lengthStated)
    {
        _limits = _limits with { MaxRequestBytes = 10 };
        Assert.Equal(
            (413, "tenant \"a\": the request body exceeds the limit of 10 bytes (max_request_size); raise it in limits.overrides.a.max_request_size\n"),
            await SendAsync("POST", Request(), "a", null, null, new RemoteWriteOptions(), lengthStated));
        Assert.Equal(1, _meters.Sum("deucalion_discarded_requests_total", "reason=request_too_large,tenant=a"));
        _limits = _limits with { MaxRequestBytes = Request().Length };
        Assert.Equal(204, (await SendAsync("POST", Request(), "a", null, null, new RemoteWriteOptions(), lengthStated)).Status);
    }

    [Fact]
    public async Task ReadsLongBodies_WhenTheirLengthIsNotStated()
    {
        var random = new Random(2);
        var encoder = new WriteRequestEncoder();
        for (var i = 0; i < 5000; i++)
        {
            encoder.Series([("__name__", "m" + random.NextInt64())], [(random.NextInt64(), random.NextDouble())]);
        }

        Assert.Equal(204, (await SendAsync("POST", encoder.ToSnappy(), null, null, null, new RemoteWriteOptions(), lengthStated: false)).Status);
        Assert.Equal(5000, _distributor.Samples);
    }

    [Fact]
    public async Task Answers400_WhenDecodedTooLargeOrMalformed()
    {
        Assert.Equal((400, "body is not a snappy block: TruncatedLength\n"), await PostAsync([]));
        Assert.Equal((400, "malformed remote write request: wrong wire type in WriteRequest at byte 1\n"), await PostAsync(new WriteRequestEncoder().Raw(8, 1).ToSnappy()));
    }

    [Fact]
    public async Task Answers400NamingTheLimit_WhenTheDecompressedBodyIsTooLarge()
    {
        var body = new WriteRequestEncoder().Series([("__name__", new string('a', 5000))], [(1, 1)]).ToSnappy();
        _limits = _limits with { MaxRequestBytes = 4000 };
        Assert.InRange(body.Length, 1, 4000);
        var (status, text) = await PostAsync(body, "a");
        Assert.Equal(400, status);
        Assert.Matches("^tenant \"a\": the decompressed request body of 5,0[0-9]+ bytes exceeds the limit of 4,000 bytes \\(max_request_size\\); raise it in limits.overrides.a.max_request_size\n$", text);
        Assert.Equal(0, _distributor.Samples);
    }

    [Fact]
    public async Task Answers429AndStoresNothing_WhenTheTenantSendsTooFast()
    {
        _limits = _limits with { IngestionRate = 1, IngestionBurst = 5 };
        var endpoint = Endpoint(new RemoteWriteOptions());
        Assert.Equal((204, "", null), await SendAsync(endpoint, "a"));
        Assert.Equal((204, "", null), await SendAsync(endpoint, "a"));
        _distributor.Forget();
        Assert.Equal(
            (429, "tenant \"a\": 2 samples more, after a burst of 5, exceed the limit of 1 samples/s (ingestion_rate); raise it in limits.overrides.a.ingestion_rate\n", "1"),
            await SendAsync(endpoint, "a"));
        Assert.Equal(0, _distributor.Samples);
        Assert.Equal(2, _meters.Sum("deucalion_discarded_samples_total", "reason=rate_limited,tenant=a"));
        Assert.Equal(1, _meters.Sum("deucalion_discarded_requests_total", "reason=rate_limited,tenant=a"));
        Assert.Equal((204, "", null), await SendAsync(endpoint, "b"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((204, "", null), await SendAsync(endpoint, "a"));
        Assert.Equal(2, _distributor.Samples);
    }

    [Fact]
    public async Task Answers400_WhenARequestHasMoreSamplesThanMayEverComeAtOnce()
    {
        _limits = _limits with { IngestionRate = 100, IngestionBurst = 1 };
        Assert.Equal(
            (400, "tenant \"a\": 2 samples in one request exceed the limit of 1 samples (ingestion_burst); raise it in limits.overrides.a.ingestion_burst\n"),
            await PostAsync(Request(), "a"));
        Assert.Null(_retryAfter);
        Assert.Equal(0, _distributor.Samples);
        Assert.Equal(2, _meters.Sum("deucalion_discarded_samples_total", "reason=request_exceeds_burst,tenant=a"));
    }

    [Fact]
    public async Task TakesTheLimitsThatAreInForceWhenARequestComes()
    {
        var limits = new ReloadableLimits(LimitSet.Same(_limits with { IngestionRate = 1, IngestionBurst = 2 }));
        var endpoint = Endpoint(new RemoteWriteOptions(), limits);
        Assert.Equal(204, (await SendAsync(endpoint, "a")).Status);
        Assert.Equal(429, (await SendAsync(endpoint, "a")).Status);
        limits.Replace(LimitSet.Same(_limits));
        Assert.Equal(204, (await SendAsync(endpoint, "a")).Status);
    }

    [Fact]
    public async Task NeverTakesMoreThanBurstAndRateTimesTime_WhateverIsSentWhen()
    {
        var random = new Random(11);
        _limits = _limits with { IngestionRate = 40, IngestionBurst = 30 };
        var endpoint = Endpoint(new RemoteWriteOptions());
        var begin = _time.GetTimestamp();
        long taken = 0, refused = 0;
        for (var i = 0; i < 400; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
            var count = random.Next(1, 41);
            var encoder = new WriteRequestEncoder();
            for (var s = 0; s < count; s++)
            {
                encoder.Series([("__name__", "m" + s)], [(i, s)]);
            }

            var context = Context("POST", encoder.ToSnappy(), "a", null, null);
            await endpoint.HandleAsync(context);
            taken += context.Response.StatusCode == 204 ? count : 0;
            refused += context.Response.StatusCode == 204 ? 0 : count;
            Assert.True(taken <= 30 + (40 * _time.GetElapsedTime(begin).TotalSeconds) + 1e-6, $"{taken} after {i}");
        }

        Assert.True(taken > 1000 && refused > 1000, $"{taken} taken, {refused} refused");
        Assert.Equal(taken, _distributor.AllSamples);
    }

    [Fact]
    public async Task Answers400NamingWhatWasRejected_WhenSomeIsInvalid()
    {
        _distributor.Outcome = _distributor.Outcome with { Rejected = 1, RejectionMessage = "why" };
        Assert.Equal((400, "why\n"), await PostAsync(Request()));
    }

    [Fact]
    public async Task Answers204_WhenOnlyExemplarsAreDropped()
    {
        var tooLong = new SentExemplar(1, 1, ("trace_id", new string('x', 121)));
        var body = new WriteRequestEncoder().Series(new SentSeries(("__name__", "a")) { Samples = [new(1, 1)], Exemplars = [tooLong, new(2, 1)] }).ToSnappy();
        Assert.Equal((204, ""), await PostAsync(body));
        Assert.Equal((1, 1), (_distributor.Samples, _distributor.Exemplars));
        Assert.Equal(1, _meters.Sum("deucalion_ingester_rejected_exemplars_total"));
        Assert.Equal(1, _meters.Sum("deucalion_ingester_received_exemplars_total"));
    }

    [Fact]
    public async Task Answers400NamingHistograms_WhenTheRestIsStored()
    {
        var broken = new FloatHistogram { Count = 2, PositiveSpans = [new(0, 1)], PositiveBuckets = [1] };
        var body = new WriteRequestEncoder().Series(new SentSeries(("__name__", "a")) { Samples = [new(1, 1)], Histograms = [new(7, broken, true)] }).ToSnappy();
        var expected = "rejected 1 invalid samples (native_histogram_invalid: 1)\n"
            + "native_histogram_invalid: 1 observations are in buckets, but the count is 2: histogram at 7 ms of series {__name__=\"a\"}\n";
        Assert.Equal((400, expected), await PostAsync(body));
        Assert.Equal(1, _distributor.Samples);
        Assert.Equal(1, _meters.Sum("deucalion_discarded_samples_total", "reason=native_histogram_invalid,tenant=anonymous"));
        Assert.Equal(1, _meters.Sum("deucalion_ingester_received_samples_total"));
    }

    [Fact]
    public async Task SaysWhatWasStored_InAnswersTo2_0()
    {
        var body = new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a")) { Samples = [new(1, 1)] }).ToSnappy();
        _distributor.Outcome = _distributor.Outcome with { Stored = 7, StoredHistograms = 3, StoredExemplars = 2 };
        Assert.Equal((204, "4,3,2"), await PostV2Async(body));
        Assert.Equal(1, _distributor.Samples);
        _distributor.Outcome = _distributor.Outcome with { Rejected = 1, RejectionMessage = "why" };
        Assert.Equal((400, "4,3,2"), await PostV2Async(body));
        _distributor.Outcome = _distributor.Outcome with { RetryableFailure = "disk full" };
        Assert.Equal((503, "0,0,0"), await PostV2Async(body));
        Assert.Equal((400, "0,0,0"), await PostV2Async([]));
        Assert.Equal((400, "0,0,0"), await PostV2Async(new WriteRequestV2Encoder().RawSeries(0).ToSnappy()));

        var v1 = Context("POST", Request(), null, "application/x-protobuf", "snappy");
        await Endpoint(new RemoteWriteOptions()).HandleAsync(v1);
        Assert.Equal(",,", Written(v1));
    }

    [Fact]
    public async Task JoinsWhatDecoderAndDistributorRejected()
    {
        _distributor.Outcome = _distributor.Outcome with { Rejected = 1, RejectionMessage = "why" };
        var body = new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a"))).ToSnappy();
        var context = Context("POST", body, null, ContentTypeV2, "snappy");
        await Endpoint(new RemoteWriteOptions()).HandleAsync(context);
        Assert.Equal(
            "rejected 1 invalid samples (series_without_samples: 1)\nseries_without_samples: a series has neither samples nor histograms nor exemplars\nwhy\n",
            Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()));
    }

    [Fact]
    public async Task Answers503_WheneverAnyPartFailedRetryably()
    {
        _distributor.Outcome = _distributor.Outcome with { Rejected = 1, RejectionMessage = "why", RetryableFailure = "disk full" };
        Assert.Equal((503, "disk full\n"), await PostAsync(Request()));
        Assert.Equal("5", _retryAfter);
    }

    [Fact]
    public async Task Answers500_WhenTheDistributorThrows()
    {
        _distributor.Failure = new InvalidOperationException("broken");
        Assert.Equal((500, "write failed: broken\n"), await PostAsync(Request()));
    }

    [Fact]
    public async Task Answers503_WhileTooMuchIsInFlight_AndRecovers()
    {
        var options = new RemoteWriteOptions { MaxInFlightRequests = 1 };
        var endpoint = Endpoint(options);
        _distributor.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Context("POST", Request(), null, null, null);
        var running = endpoint.HandleAsync(first);
        var second = Context("POST", Request(), null, null, null);
        await endpoint.HandleAsync(second);
        Assert.Equal(503, second.Response.StatusCode);
        _distributor.Gate.SetResult();
        await running;
        Assert.Equal(204, first.Response.StatusCode);
        var third = Context("POST", Request(), null, null, null);
        await endpoint.HandleAsync(third);
        Assert.Equal(204, third.Response.StatusCode);
    }

    private const string ContentTypeV2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    private string? _retryAfter;

    private static byte[] Request() => new WriteRequestEncoder().Series([("__name__", "a")], [(1, 1), (2, 2)]).ToSnappy();

    private Task<(int Status, string Text)> PostAsync(byte[] body, string? tenant = null) =>
        SendAsync("POST", body, tenant, "application/x-protobuf", "snappy", new RemoteWriteOptions());

    private async Task<(int Status, string Written)> PostV2Async(byte[] body)
    {
        var context = Context("POST", body, null, ContentTypeV2, "snappy");
        await Endpoint(new RemoteWriteOptions()).HandleAsync(context);
        return (context.Response.StatusCode, Written(context));
    }

    private static string Written(HttpContext context) =>
        string.Join(',', new[] { "Samples", "Histograms", "Exemplars" }.Select(kind => context.Response.Headers[$"X-Prometheus-Remote-Write-{kind}-Written"].ToString()));

    private async Task<(int Status, string Text)> SendAsync(
        string method, byte[] body, string? tenant, string? contentType, string? encoding, RemoteWriteOptions options, bool lengthStated = true)
    {
        var context = Context(method, body, tenant, contentType, encoding, lengthStated);
        await Endpoint(options).HandleAsync(context);
        _retryAfter = context.Response.Headers.RetryAfter;
        return (context.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()));
    }

    private async Task<(int Status, string Text, string? RetryAfter)> SendAsync(RemoteWriteEndpoint endpoint, string tenant)
    {
        var context = Context("POST", Request(), tenant, null, null);
        await endpoint.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()), (string?)context.Response.Headers.RetryAfter);
    }

    private RemoteWriteEndpoint Endpoint(RemoteWriteOptions options) => Endpoint(options, LimitSet.Same(_limits));

    private RemoteWriteEndpoint Endpoint(RemoteWriteOptions options, ITenantLimits limits) =>
        new(_distributor, options, limits, new IngestionLimiter(static () => 1, _time), new PushMetrics(_meters), _time, NullLogger<RemoteWriteEndpoint>.Instance);

    private static DefaultHttpContext Context(string method, byte[] body, string? tenant, string? contentType, string? encoding, bool lengthStated = true)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = lengthStated ? body.Length : null;
        context.Request.Headers.ContentType = contentType;
        context.Request.Headers.ContentEncoding = encoding;
        context.Response.Body = new MemoryStream();
        if (tenant is not null)
        {
            context.Request.Headers["X-Scope-OrgID"] = tenant;
        }

        return context;
    }

    private sealed class StubDistributor : IDistributor
    {
        public WriteOutcome Outcome { get; set; } = new() { Stored = 0, Rejected = 0, RejectionMessage = "" };

        public Exception? Failure { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public TenantId Tenant { get; private set; }

        public int Samples { get; private set; }

        public long AllSamples { get; private set; }

        public int Exemplars { get; private set; }

        public void Forget() => Samples = 0;

        public async ValueTask<WriteOutcome> WriteAsync(TenantId tenant, WriteBatch batch, CancellationToken cancellationToken)
        {
            Tenant = tenant;
            Samples = batch.SampleCount;
            AllSamples += batch.SampleCount;
            Exemplars = batch.Exemplars.Length;
            if (Gate is { } gate)
            {
                await gate.Task;
            }

            return Failure is { } failure ? throw failure : Outcome;
        }
    }
}
