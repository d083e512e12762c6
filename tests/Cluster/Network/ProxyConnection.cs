using System.Net.Sockets;
using System.Threading.Channels;

namespace Deucalion.Cluster.Network;

/// <summary>One connection through a proxy: two pipes that obey their flows.</summary>
internal sealed class ProxyConnection : IDisposable
{
    // Enough for the delays that are asked for; beyond it a sender waits, as behind a full window.
    private const int ChunksUnderWay = 256;

    private readonly Socket _client;
    private readonly Socket _server;
    private readonly CancellationTokenSource _ended = new();

    public ProxyConnection(string from, string to, Socket client, Socket server)
    {
        From = from;
        To = to;
        _client = client;
        _server = server;
    }

    /// <summary>Who opened it.</summary>
    public string From { get; }

    /// <summary>Who serves it.</summary>
    public string To { get; }

    /// <summary>Carries bytes until both sides have ended.</summary>
    public async Task RunAsync(Flow request, Flow answer)
    {
        await Task.WhenAll(PipeAsync(_client, _server, request), PipeAsync(_server, _client, answer));
    }

    /// <summary>Ends it so that both sides see a reset.</summary>
    public void Reset()
    {
        _ended.Cancel();
        foreach (var socket in new[] { _client, _server })
        {
            Reset(socket);
        }
    }

    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    public void Dispose()
    {
        // The source itself is never disposed: a fault may still cancel it, and it holds no timer.
        _ended.Cancel();
        _client.Dispose();
        _server.Dispose();
    }

    private async Task PipeAsync(Socket source, Socket target, Flow flow)
    {
        var underWay = Channel.CreateBounded<Chunk>(ChunksUnderWay);
        var reading = ReadAsync(source, flow, underWay.Writer);
        var writing = WriteAsync(target, flow, underWay.Reader);
        if (await reading is false || await writing is false)
        {
            Reset();
        }
    }

    private async Task<bool> ReadAsync(Socket source, Flow flow, ChannelWriter<Chunk> underWay)
    {
        try
        {
            while (true)
            {
                await flow.OpenAsync(_ended.Token);
                var bytes = new byte[32 * 1024];
                var count = await source.ReceiveAsync(bytes, SocketFlags.None, _ended.Token);
                await underWay.WriteAsync(new Chunk(bytes.AsMemory(0, count), TimeProvider.System.GetTimestamp(), flow.Delay), _ended.Token);
                if (count == 0)
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            underWay.TryComplete();
            return false;
        }
    }

    private async Task<bool> WriteAsync(Socket target, Flow flow, ChannelReader<Chunk> underWay)
    {
        try
        {
            await foreach (var chunk in underWay.ReadAllAsync(_ended.Token))
            {
                var rest = chunk.Delay - TimeProvider.System.GetElapsedTime(chunk.Read);
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, _ended.Token);
                }

                // Held also if it was read before the link was.
                await flow.OpenAsync(_ended.Token);
                if (chunk.Bytes.IsEmpty)
                {
                    target.Shutdown(SocketShutdown.Send);
                    return true;
                }

                await SendAsync(target, chunk.Bytes, flow);
            }

            return false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task SendAsync(Socket target, ReadOnlyMemory<byte> bytes, Flow flow)
    {
        while (!bytes.IsEmpty)
        {
            var rate = flow.BytesPerSecond;
            var part = rate == 0 ? bytes : bytes[..(int)Math.Min(bytes.Length, Math.Max(1, rate / 20))];
            for (var sent = 0; sent < part.Length;)
            {
                sent += await target.SendAsync(part[sent..], SocketFlags.None, _ended.Token);
            }

            if (rate > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)part.Length / rate), _ended.Token);
            }

            bytes = bytes[part.Length..];
        }
    }

    private readonly record struct Chunk(ReadOnlyMemory<byte> Bytes, long Read, TimeSpan Delay);
}
