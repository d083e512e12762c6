using System.Net;
using System.Net.Sockets;

namespace Deucalion.Cluster.Proof;

/// <summary>A server that sends every byte back and counts them.</summary>
internal sealed class LineServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private long _received;

    public LineServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public long Received => Interlocked.Read(ref _received);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task EchoAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var buffer = new byte[4096];
                while (await client.GetStream().ReadAsync(buffer) is > 0 and var count)
                {
                    Interlocked.Add(ref _received, count);
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, count));
                }
            }
            catch (IOException)
            {
                // Reset, which is what some tests are about.
            }
        }
    }
}
