using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
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
        var options = new RemoteWriteOptions { MaxBodyBytes = 10 };
        Assert.Equal(413, (await SendAsync("POST", Request(), null, null, null, options, lengthStated)).Status);
        options = new RemoteWriteOptions { MaxBodyBytes = Request().Length };
        Assert.Equal(204, (await SendAsync("POST", Request(), null, null, null, options, lengthStated)).Status);
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
        Assert.Equal(400, (await SendAsync("POST", Request(), null, null, null, new RemoteWriteOptions { MaxDecodedBytes = 10 })).Status);
        Assert.Equal((400, "body is not a snappy block: TruncatedLength\n"), await PostAsync([]));
        Assert.Equal((400, "malformed remote write request: wrong wire type in WriteRequest at byte 1\n"), await PostAsync(new WriteRequestEncoder().Raw(8, 1).ToSnappy()));
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
        Assert.Equal(1, _meters.Sum("deucalion_ingester_rejected_samples_total"));
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

    private RemoteWriteEndpoint Endpoint(RemoteWriteOptions options) =>
        new(_distributor, options, WriteLimits.Default, new PushMetrics(_meters), TimeProvider.System, NullLogger<RemoteWriteEndpoint>.Instance);

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

        public int Exemplars { get; private set; }

        public async ValueTask<WriteOutcome> WriteAsync(TenantId tenant, WriteBatch batch, CancellationToken cancellationToken)
        {
            Tenant = tenant;
            Samples = batch.SampleCount;
            Exemplars = batch.Exemplars.Length;
            if (Gate is { } gate)
            {
                await gate.Task;
            }

            return Failure is { } failure ? throw failure : Outcome;
        }
    }
}
