using System.Net;
using System.Text;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class WireUnaryTests
{
    private const string Method = "/deucalion.v1.Test/Call";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 << 10)]
    [InlineData((16 << 10) + 1)]
    [InlineData((256 << 10) - 1)]
    [InlineData(300_000)]
    [InlineData(20_000_000)]
    public async Task BytesComeBackAsTheyWent_WhenMethodEchoes(int length)
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        var request = new byte[length];
        new Random(length).NextBytes(request);

        var answer = await channel.UnaryAsync(Method, request, Patience, default);

        Assert.True(answer.Span.SequenceEqual(request));
    }

    [Fact]
    public async Task CallTellsCallerAndDeadline_WhenClientGaveThem()
    {
        var seen = new TaskCompletionSource<WireCall>();
        await using var host = await WireHost.StartAsync(e => e.MapWireUnary(Method, (call, request, _) =>
        {
            seen.SetResult(call);
            return ValueTask.FromResult(request);
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions { NodeId = new string('a', 32), Protocol = 3 });

        await channel.UnaryAsync(Method, new byte[1], Patience, default);

        var call = await seen.Task;
        Assert.StartsWith("127.0.0.1:", call.Peer, StringComparison.Ordinal);
        Assert.Equal(new string('a', 32), call.Node);
        Assert.Equal(3, call.Protocol);
        Assert.Null(call.ClientCertificateName);
        Assert.InRange(call.Deadline!.Value - DateTimeOffset.UtcNow, TimeSpan.Zero, Patience);
    }

    [Theory]
    [InlineData(WireStatus.NotFound, "plain")]
    [InlineData(WireStatus.FailedPrecondition, "gr\u00FC\u00DFe \u2192 100 % \U0001F600\nline")]
    [InlineData(WireStatus.Unauthenticated, " padded ")]
    public async Task StatusAndMessageArrive_WhenHandlerThrows(WireStatus status, string message)
    {
        await using var host = await WireHost.StartAsync(e => e.MapWireUnary(Method, (_, _, _) => throw new WireException(status, message)));
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(status, failure.Status);
        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public async Task StatusIsUnknown_WhenHandlerFails()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, _, _) => throw new InvalidOperationException("broken")));
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.Unknown, failure.Status);
        Assert.Contains("broken", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusIsUnimplemented_WhenMethodIsNotMapped()
    {
        await using var host = await WireHost.StartAsync(static _ => { });
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.Unimplemented, failure.Status);
    }

    [Fact]
    public async Task BothSidesStop_WhenDeadlinePasses()
    {
        var stopped = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(e => e.MapWireUnary(Method, async (_, request, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return request;
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], TimeSpan.FromMilliseconds(300), default));

        Assert.Equal(WireStatus.DeadlineExceeded, failure.Status);
        await stopped.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task ServerAnswersDeadlineExceeded_WhenOnlyItsClockSaysSo()
    {
        // A plain HTTP client that sends a timeout and waits for longer.
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static async (_, request, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return request;
        }));

        using var response = await RawCall.PostAsync(host.Address, Method, RawCall.Frame(0, [1]), ("grpc-timeout", "100m"));

        Assert.Equal("4", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task HandlerIsCancelled_WhenCallerCancels()
    {
        var began = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(e => e.MapWireUnary(Method, async (_, request, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(stopped.SetResult);
            began.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return request;
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        using var cancelled = new CancellationTokenSource();
        var call = channel.UnaryAsync(Method, new byte[1], Patience, cancelled.Token).AsTask();
        await began.Task.WaitAsync(Patience);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await stopped.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(1000, 10_000)]
    [InlineData(10_000, 1000)]
    public async Task StatusIsResourceExhausted_WhenRequestIsTooLarge(int clientLimit, int serverLimit)
    {
        await using var host = await WireHost.StartAsync(
            static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)), new WireServerOptions { MaxMessageSize = serverLimit });
        using var channel = new WireChannel(host.Address, new WireClientOptions { MaxMessageSize = clientLimit });

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1001], Patience, default));

        Assert.Equal(WireStatus.ResourceExhausted, failure.Status);
        Assert.Equal(1000, (await channel.UnaryAsync(Method, new byte[1000], Patience, default)).Length);
    }

    [Fact]
    public async Task StatusIsResourceExhausted_WhenAnswerIsTooLarge()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[2000])));
        using var channel = new WireChannel(host.Address, new WireClientOptions { MaxMessageSize = 1000 });

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.ResourceExhausted, failure.Status);
    }

    [Fact]
    public async Task FailureNamesAddress_WhenNobodyListens()
    {
        var address = $"127.0.0.1:{Ports.Free()}";
        using var channel = new WireChannel(address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.Unavailable, failure.Status);
        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsUnsent);
    }

    [Fact]
    public async Task StatusIsUnavailable_WhenPeerDoesNotAnswerConnect()
    {
        // A listener that accepts in the kernel alone, and a client that wants TLS from it.
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var certificates = new TestCertificates();
        using var meters = new global::Testing.Telemetry.TestMeterFactory();
        using var tls = TestCertificates.Tls(certificates.Write("client"), new WireMetrics(meters));
        using var channel = new WireChannel(listener.LocalEndpoint.ToString()!, new WireClientOptions { Tls = tls, ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.Unavailable, failure.Status);
        Assert.Contains(channel.Address, failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsUnsent);
    }

    [Fact]
    public async Task CallsSucceedAgain_WhenServerWasRestarted()
    {
        static void Map(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder e) => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request));
        var first = await WireHost.StartAsync(Map);
        using var channel = new WireChannel(first.Address, new WireClientOptions());
        await channel.UnaryAsync(Method, new byte[1], Patience, default);
        await first.StopAsync();
        await first.DisposeAsync();

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));
        Assert.Equal(WireStatus.Unavailable, failure.Status);
        await using var second = await WireHost.StartAsync(Map, port: first.Port);

        Assert.Equal(1, (await channel.UnaryAsync(Method, new byte[1], Patience, default)).Length);
    }

    [Fact]
    public async Task StatusIsFailedPrecondition_WhenCallIsMeantForAnotherNode()
    {
        await using var host = await WireHost.StartAsync(
            static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)), new WireServerOptions { NodeId = new string('b', 32) });
        using var wrong = new WireChannel(host.Address, new WireClientOptions { PeerNodeId = new string('c', 32) });
        using var right = new WireChannel(host.Address, new WireClientOptions { PeerNodeId = new string('b', 32) });

        var failure = await Assert.ThrowsAsync<WireException>(async () => await wrong.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal(WireStatus.FailedPrecondition, failure.Status);
        Assert.Equal(1, (await right.UnaryAsync(Method, new byte[1], Patience, default)).Length);
    }

    [Fact]
    public async Task StatusArrives_WhenServerRefusesBeforeTheRequestHasBeenSent()
    {
        await using var host = await WireHost.StartAsync(
            static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)), new WireServerOptions { NodeId = new string('b', 32) });
        using var channel = new WireChannel(host.Address, new WireClientOptions { PeerNodeId = new string('c', 32) });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var request = new byte[i % 2 == 0 ? 10 : 3_000_000];
                var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, request, Patience, default));
                Assert.Equal(WireStatus.FailedPrecondition, failure.Status);
            }
        })));
    }

    [Theory]
    [InlineData(1, "12")]
    [InlineData(7, "13")]
    public async Task RequestIsRefused_WhenFlagIsNotZero(byte flag, string status)
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)));

        using var response = await RawCall.PostAsync(host.Address, Method, RawCall.Frame(flag, [1, 2, 3]));

        Assert.Equal(status, Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("0000000003aabb")]
    [InlineData("0000000001aa0000000001bb")]
    public async Task RequestIsRefused_WhenItIsNotOneMessage(string hex)
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)));

        using var response = await RawCall.PostAsync(host.Address, Method, Convert.FromHexString(hex));

        Assert.Equal("13", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task RequestIsRefused_WhenItIsNotGrpc()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, request, _) => ValueTask.FromResult(request)));

        using var response = await RawCall.PostAsync(host.Address, Method, Encoding.UTF8.GetBytes("{}"), contentType: "application/json");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task StatusIsCancelled_WhenChannelIsClosedMeanwhile()
    {
        var began = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(e => e.MapWireUnary(Method, async (_, request, cancellationToken) =>
        {
            began.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return request;
        }));
        var channel = new WireChannel(host.Address, new WireClientOptions());
        var call = channel.UnaryAsync(Method, new byte[1], Patience, default).AsTask();
        await began.Task.WaitAsync(Patience);

        channel.Dispose();

        Assert.Equal(WireStatus.Cancelled, (await Assert.ThrowsAsync<WireException>(() => call)).Status);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));
    }

    [Fact]
    public async Task CallsAndBytesAreCounted_WhenMetricsAreGiven()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireUnary(Method, static (_, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[7])));
        using var meters = new global::Testing.Telemetry.TestMeterFactory();
        using var channel = new WireChannel(host.Address, new WireClientOptions { Metrics = new WireMetrics(meters) });

        await channel.UnaryAsync(Method, new byte[5], Patience, default);

        Assert.Equal(1, meters.Sum("deucalion_wire_requests_total"));
        Assert.Equal(5, meters.Sum("deucalion_wire_sent_bytes_total"));
        Assert.Equal(7, meters.Sum("deucalion_wire_received_bytes_total"));
        Assert.Equal(0, meters.Sum("deucalion_wire_open_streams"));
        await Eventually.TrueAsync(() => Task.FromResult(host.Meters.Sum("deucalion_wire_requests_total") == 1), Patience, static () => "the server has not counted the call");
        Assert.Equal(7, host.Meters.Sum("deucalion_wire_sent_bytes_total"));
        Assert.Equal(5, host.Meters.Sum("deucalion_wire_received_bytes_total"));
        Assert.Equal(0, host.Meters.Sum("deucalion_wire_open_streams"));
    }
}
