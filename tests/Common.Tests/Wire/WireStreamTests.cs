using System.Text;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class WireStreamTests
{
    private const string Method = "/deucalion.v1.Test/Talk";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task EachMessageIsAnswered_WhenServerEchoes()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        for (var i = 0; i < 200; i++)
        {
            await stream.SendAsync(Encoding.ASCII.GetBytes($"message {i}"), default);
            Assert.Equal($"message {i}", await TextAsync(stream));
        }

        await stream.CompleteAsync(default);
        Assert.Null(await stream.ReceiveAsync(default));
        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task MessagesKeepTheirOrderAndBytes_WhenManySizesAreUnderWay()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        var random = new Random(7);
        var messages = Enumerable.Range(0, 300).Select(i => RandomBytes(random, i % 50 == 0 ? random.Next(2_000_000) : random.Next(40_000))).ToList();

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
            using var received = (await stream.ReceiveAsync(default))!.Value;
            Assert.True(received.Payload.Span.SequenceEqual(expected));
        }

        Assert.Null(await stream.ReceiveAsync(default));
        await sending;
    }

    [Fact]
    public async Task SixtyFourMebibytesArrive_WhenLimitAllowsThem()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        var message = RandomBytes(new Random(1), 64 << 20);

        // Sent while it is received: neither side keeps that much for the other.
        var sending = stream.SendAsync(message, default).AsTask();
        using var received = (await stream.ReceiveAsync(default))!.Value;
        await sending;

        Assert.True(received.Payload.Span.SequenceEqual(message));
    }

    [Fact]
    public async Task ServerSpeaksFirst_WhenClientHasSentNothing()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync("welcome"u8.ToArray(), cancellationToken);
            Assert.Null(await stream.ReceiveAsync(cancellationToken));
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        Assert.Equal("welcome", await TextAsync(stream));
        await stream.CompleteAsync(default);
        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task ClientMaySend_WhenServerHasNotAnsweredYet()
    {
        var got = new TaskCompletionSource<int>();
        await using var host = await WireHost.StartAsync(e => e.MapWireStream(Method, async (_, stream, cancellationToken) =>
        {
            // No header goes back before all of these have come.
            for (var i = 0; i < 100; i++)
            {
                using var message = (await stream.ReceiveAsync(cancellationToken))!.Value;
            }

            got.SetResult(100);
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        for (var i = 0; i < 100; i++)
        {
            await stream.SendAsync(new byte[10], default);
        }

        Assert.Equal(100, await got.Task.WaitAsync(Patience));
        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task ServerGoesOnSending_WhenClientHasHalfClosed()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static async (_, stream, cancellationToken) =>
        {
            var count = 0;
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                message.Dispose();
                count++;
            }

            for (var i = 0; i < count; i++)
            {
                await stream.SendAsync(new byte[] { (byte)i }, cancellationToken);
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        await stream.SendAsync(new byte[1], default);
        await stream.SendAsync(new byte[1], default);
        await stream.CompleteAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.SendAsync(new byte[1], default));

        for (var i = 0; i < 2; i++)
        {
            using var message = (await stream.ReceiveAsync(default))!.Value;
            Assert.Equal(i, message.Payload.Span[0]);
        }

        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task StatusFollowsMessages_WhenHandlerFailsLater()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync("one"u8.ToArray(), cancellationToken);
            throw new WireException(WireStatus.Aborted, "\u00E4u\u00DFerst");
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        Assert.Equal("one", await TextAsync(stream));
        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default));
            Assert.Equal(WireStatus.Aborted, failure.Status);
            Assert.Equal("\u00E4u\u00DFerst", failure.Message);
        }
    }

    [Fact]
    public async Task SenderIsToldStatus_WhenServerEndedCall()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static (_, _, _) => throw new WireException(WireStatus.PermissionDenied, "no")));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        Assert.Equal(WireStatus.PermissionDenied, (await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default))).Status);

        var failure = await Assert.ThrowsAsync<WireException>(async () =>
        {
            while (true)
            {
                await stream.SendAsync(new byte[1000], default);
            }
        });

        Assert.Equal(WireStatus.PermissionDenied, failure.Status);
    }

    [Fact]
    public async Task SenderStops_WhenServerEndedCallAndNobodyReceives()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static (_, _, _) => Task.CompletedTask));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        var failure = await Assert.ThrowsAsync<WireException>(async () =>
        {
            while (true)
            {
                await stream.SendAsync(new byte[100_000], default);
            }
        }).WaitAsync(Patience);

        Assert.Equal(WireStatus.Cancelled, failure.Status);
        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task ACallCanBeOpened_WhenServerEndsItAtOnce()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static (_, _, _) => throw new WireException(WireStatus.Aborted, "at once")));
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await using var stream = await channel.OpenAsync(Method, default);
                Assert.Equal(WireStatus.Aborted, (await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default))).Status);
            }
        })));
    }

    [Fact]
    public async Task HandlerIsCancelled_WhenClientDisposesStream()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var host = await WireHost.StartAsync(e => e.MapWireStream(Method, async (_, stream, cancellationToken) =>
        {
            try
            {
                await EchoAsync(null!, stream, cancellationToken);
            }
            catch (Exception exception)
            {
                ended.SetResult(exception);
                throw;
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        var stream = await channel.OpenAsync(Method, default);
        await stream.SendAsync("x"u8.ToArray(), default);
        Assert.Equal("x", await TextAsync(stream));
        var waiting = stream.ReceiveAsync(default).AsTask();

        await stream.DisposeAsync();

        Assert.True(await ended.Task.WaitAsync(Patience) is OperationCanceledException or WireException { Status: WireStatus.Cancelled });
        Assert.Equal(WireStatus.Cancelled, (await Assert.ThrowsAsync<WireException>(() => waiting)).Status);
        await Eventually.TrueAsync(() => Task.FromResult(host.Meters.Sum("deucalion_wire_open_streams") == 0), Patience, static () => "the call is still counted as open");
    }

    [Fact]
    public async Task NoCallEndsInOrder_WhenItsClientGaveItUp()
    {
        // A transfer that was broken off must never look complete.
        var (began, interrupted, complete) = (0, 0, 0);
        await using var host = await WireHost.StartAsync(e => e.MapWireStream(Method, async (call, stream, cancellationToken) =>
        {
            Interlocked.Increment(ref began);
            try
            {
                await EchoAsync(call, stream, cancellationToken);
                Interlocked.Increment(ref complete);
            }
            finally
            {
                Interlocked.Increment(ref interrupted);
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                var stream = await channel.OpenAsync(Method, default);
                if (i % 3 != 0)
                {
                    await stream.SendAsync(new byte[i % 5 * 1000], default);
                }

                if (i % 3 == 2)
                {
                    (await stream.ReceiveAsync(default))!.Value.Dispose();
                }

                await stream.DisposeAsync();
            }
        })));

        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref interrupted) == Volatile.Read(ref began)), Patience, static () => "calls are still served");
        Assert.Equal(0, complete);
        Assert.InRange(began, 1000, 1600);
    }

    [Fact]
    public async Task SenderWaits_WhenServerTakesNothing()
    {
        var go = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(e => e.MapWireStream(Method, async (_, stream, cancellationToken) =>
        {
            await go.Task;
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                message.Dispose();
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        var sent = 0;
        var message = new byte[100_000];
        var sending = Task.Run(async () =>
        {
            for (; sent < 200; sent++)
            {
                await stream.SendAsync(message, default);
            }

            await stream.CompleteAsync(default);
        });

        // It comes to a stop by itself, with no more than the windows under way.
        await Eventually.TrueAsync(async () =>
        {
            var before = Volatile.Read(ref sent);
            await Task.Delay(500);
            return before > 0 && before == Volatile.Read(ref sent);
        }, Patience, static () => "the sender was not slowed down");
        Assert.InRange(sent, 1, 40);
        go.SetResult();
        await sending.WaitAsync(Patience);
        Assert.Null(await stream.ReceiveAsync(default));
    }

    [Fact]
    public async Task ServerWaits_WhenClientTakesNothing()
    {
        var sent = 0;
        await using var host = await WireHost.StartAsync(e => e.MapWireStream(Method, async (_, stream, cancellationToken) =>
        {
            var message = new byte[100_000];
            for (; sent < 200; sent++)
            {
                await stream.SendAsync(message, cancellationToken);
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        await Eventually.TrueAsync(async () =>
        {
            var before = Volatile.Read(ref sent);
            await Task.Delay(500);
            return before > 0 && before == Volatile.Read(ref sent);
        }, Patience, static () => "the server was not slowed down");
        Assert.InRange(sent, 1, 40);

        // Other calls of the same connection are not held up.
        await using (var other = await channel.OpenAsync(Method, default))
        {
            Assert.NotNull(await other.ReceiveAsync(default).AsTask().WaitAsync(Patience));
        }

        var count = 0;
        while (await stream.ReceiveAsync(default) is { } message)
        {
            message.Dispose();
            count++;
        }

        Assert.InRange(count, 1, 200);
    }

    [Fact]
    public async Task StatusIsUnavailable_WhenNobodyListens()
    {
        var address = $"127.0.0.1:{Ports.Free()}";
        using var channel = new WireChannel(address, new WireClientOptions());

        var failure = await Assert.ThrowsAsync<WireException>(async () => await channel.OpenAsync(Method, default));

        Assert.Equal(WireStatus.Unavailable, failure.Status);
        Assert.True(failure.IsUnsent);
        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusIsUnavailable_WhenServerStops()
    {
        var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        await stream.SendAsync("x"u8.ToArray(), default);
        Assert.Equal("x", await TextAsync(stream));

        await host.StopAsync();

        var failure = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default));
        Assert.Equal(WireStatus.Unavailable, failure.Status);
        Assert.False(failure.IsUnsent);
        await host.DisposeAsync();
        await using var again = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync), port: host.Port);
        await using var second = await channel.OpenAsync(Method, default);
        await second.SendAsync("y"u8.ToArray(), default);
        Assert.Equal("y", await TextAsync(second));
    }

    [Fact]
    public async Task StatusIsUnimplemented_WhenAnswerIsCompressed()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapPost(Method, static async context =>
        {
            context.Response.ContentType = "application/grpc+proto";
            await context.Response.Body.WriteAsync(RawCall.Frame(1, [1, 2]));
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        Assert.Equal(WireStatus.Unimplemented, (await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default))).Status);
    }

    [Fact]
    public async Task StatusIsFound_WhenServerSendsOnlyTrailers()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapPost(Method, static context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "9";
            context.Response.Headers["grpc-message"] = "not %C3%BC now";
            return Task.CompletedTask;
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        var failure = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default));
        var unary = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, new byte[1], Patience, default));

        Assert.Equal((WireStatus.FailedPrecondition, "not \u00FC now"), (failure.Status, failure.Message));
        Assert.Equal((WireStatus.FailedPrecondition, "not \u00FC now"), (unary.Status, unary.Message));
    }

    [Theory]
    [InlineData(403, WireStatus.PermissionDenied)]
    [InlineData(503, WireStatus.Unavailable)]
    [InlineData(200, WireStatus.Unknown)]
    public async Task StatusFollowsHttp_WhenAnswerIsNoGrpc(int code, WireStatus expected)
    {
        await using var host = await WireHost.StartAsync(e => e.MapPost(Method, context =>
        {
            context.Response.StatusCode = code;
            return context.Response.WriteAsync("text");
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);

        Assert.Equal(expected, (await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(default))).Status);
    }

    [Fact]
    public async Task NoConnectionIsLost_WhenManyCallsAreOpen()
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, EchoAsync));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        var streams = await Task.WhenAll(Enumerable.Range(0, 300).Select(async _ => await channel.OpenAsync(Method, default)));

        await Task.WhenAll(streams.Select(async stream =>
        {
            await stream.SendAsync("x"u8.ToArray(), default);
            Assert.Equal("x", await TextAsync(stream));
            await stream.CompleteAsync(default);
            Assert.Null(await stream.ReceiveAsync(default));
            await stream.DisposeAsync();
        }));
    }

    private static async Task EchoAsync(WireCall call, IWireStream stream, CancellationToken cancellationToken)
    {
        while (await stream.ReceiveAsync(cancellationToken) is { } message)
        {
            using (message)
            {
                await stream.SendAsync(message.Payload, cancellationToken);
            }
        }
    }

    private static async Task<string> TextAsync(IWireStream stream)
    {
        using var message = (await stream.ReceiveAsync(default).AsTask().WaitAsync(Patience))!.Value;
        return Encoding.UTF8.GetString(message.Payload.Span);
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
