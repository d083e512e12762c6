using System.Text;
using Deucalion.Common.Telemetry;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Interop.Wire;

/// <summary>Our client calls another implementation.</summary>
[Trait("Category", "slow")]
public sealed class GrpcJsServerTests
{
    private const string Prefix = "/deucalion.v1.Interop/";
    private const string Failure = "gr\u00FC\u00DFe \u2192 100 % \U0001F600";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task EveryKindOfCallEndsAsItShould_WhenPlain() => await RunAsync(null, []);

    [Fact]
    public async Task EveryKindOfCallEndsAsItShould_WhenTlsIsMutual()
    {
        using var certificates = new TestCertificates();
        using var meters = new MeterFactory();
        using var tls = TestCertificates.Tls(certificates.Write("client"), new WireMetrics(meters));
        var server = certificates.Write("server");

        await RunAsync(tls, [certificates.CaFile, server.CertFile!, server.KeyFile!]);
    }

    [Fact]
    public async Task CallsFail_WhenPeerStandsStill_AndSucceedWhenItGoesOn()
    {
        var port = Ports.Free();
        using var server = GrpcJs.StartServer(port);
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("ready", StringComparison.Ordinal)), Patience, () => server.Output);
        using var channel = new WireChannel($"127.0.0.1:{port}", new WireClientOptions { KeepAlive = TimeSpan.FromSeconds(1) });
        await using var stream = await channel.OpenAsync(Prefix + "Talk", default);
        await stream.SendAsync("x"u8.ToArray(), default);
        (await stream.ReceiveAsync(default))!.Value.Dispose();

        // Nothing is closed and nothing is answered: only the keep-alive can find out.
        server.Signal(19);
        var failure = await Assert.ThrowsAsync<WireException>(() => stream.ReceiveAsync(default).AsTask().WaitAsync(Patience));
        Assert.Equal(WireStatus.Unavailable, failure.Status);

        server.Signal(18);
        var answer = await channel.UnaryAsync(Prefix + "Echo", "y"u8.ToArray(), Patience, default);
        Assert.Equal("y", Encoding.ASCII.GetString(answer.Span));
    }

    private static async Task RunAsync(WireTls? tls, string[] serverCertificates)
    {
        var port = Ports.Free();
        using var server = GrpcJs.StartServer(port, serverCertificates);
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("ready", StringComparison.Ordinal)), Patience, () => server.Output);
        using var channel = new WireChannel($"127.0.0.1:{port}", new WireClientOptions { Tls = tls });

        await UnaryAsync(channel);
        await FailuresAsync(channel);
        await StreamAsync(channel);
        await CancelAsync(channel, server);
    }

    private static async Task UnaryAsync(WireChannel channel)
    {
        foreach (var length in (int[])[0, 1, 16_384, 16_385, 300_000, 20_000_000])
        {
            var request = new byte[length];
            new Random(length).NextBytes(request);
            var answer = await channel.UnaryAsync(Prefix + "Echo", request, Patience, default);
            Assert.True(answer.Span.SequenceEqual(request));
        }
    }

    private static async Task FailuresAsync(WireChannel channel)
    {
        var failed = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Prefix + "Fail", new byte[1], Patience, default));
        Assert.Equal((WireStatus.FailedPrecondition, Failure), (failed.Status, failed.Message));
        var none = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Prefix + "None", new byte[1], Patience, default));
        Assert.Equal(WireStatus.Unimplemented, none.Status);
        var late = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Prefix + "Never", new byte[1], TimeSpan.FromMilliseconds(300), default));
        Assert.Equal(WireStatus.DeadlineExceeded, late.Status);

        await using var stream = await channel.OpenAsync(Prefix + "FailLater", default);
        using (var first = (await stream.ReceiveAsync(default))!.Value)
        {
            Assert.Equal("one", Encoding.ASCII.GetString(first.Payload.Span));
        }

        await stream.SendAsync("go"u8.ToArray(), default);
        var later = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default));
        Assert.Equal((WireStatus.FailedPrecondition, Failure), (later.Status, later.Message));
    }

    private static async Task StreamAsync(WireChannel channel)
    {
        await using var stream = await channel.OpenAsync(Prefix + "Talk", default);
        var random = new Random(5);
        var messages = Enumerable.Range(0, 200).Select(i => new byte[i % 40 == 0 ? 1_500_000 : random.Next(30_000)]).ToList();
        messages.ForEach(random.NextBytes);
        var sending = Task.Run(async () =>
        {
            foreach (var message in messages)
            {
                await stream.SendAsync(message, default);
            }

            await stream.CompleteAsync(default);
        });

        foreach (var expected in messages)
        {
            using var message = (await stream.ReceiveAsync(default))!.Value;
            Assert.True(message.Payload.Span.SequenceEqual(expected));
        }

        Assert.Null(await stream.ReceiveAsync(default));
        await sending;
    }

    private static async Task CancelAsync(WireChannel channel, ChildProcess server)
    {
        var before = Cancellations();
        await using (var stream = await channel.OpenAsync(Prefix + "Talk", default))
        {
            await stream.SendAsync("x"u8.ToArray(), default);
            (await stream.ReceiveAsync(default))!.Value.Dispose();
        }

        await Eventually.TrueAsync(() => Task.FromResult(Cancellations() > before), Patience, () => "the server does not know of the cancellation: " + server.Output);

        int Cancellations() => server.Output.Split("cancelled").Length;
    }
}
