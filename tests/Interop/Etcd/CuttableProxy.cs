using System.Net;
using System.Net.Sockets;

namespace Deucalion.Interop.Etcd;

/// <summary>A way to a port on loopback that can be cut, or lose what comes back.</summary>
internal sealed class CuttableProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly HashSet<Socket> _open = [];
    private bool _cut;
    private volatile bool _losesAnswers;

    public CuttableProxy(string target)
    {
        _target = IPEndPoint.Parse(target).Port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Requests arrive and are carried out; their answers do not come back.</summary>
    public bool LosesAnswers
    {
        set => _losesAnswers = value;
    }

    /// <summary>Closes what is open and what is opened until it is mended.</summary>
    public void Cut(bool isCut)
    {
        lock (_open)
        {
            _cut = isCut;
            if (isCut)
            {
                CloseAll();
            }
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut(true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                lock (_open)
                {
                    if (_cut)
                    {
                        return;
                    }

                    _open.Add(client);
                    _open.Add(server);
                }

                await server.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(CopyAsync(client, server, isAnswer: false), CopyAsync(server, client, isAnswer: true));
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Cut, or one side has gone.
            }
            finally
            {
                lock (_open)
                {
                    _open.Remove(client);
                    _open.Remove(server);
                }
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (isAnswer && _losesAnswers)
                {
                    continue;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, or one side has gone.
        }
    }

    private void CloseAll()
    {
        foreach (var socket in _open)
        {
            socket.Dispose();
        }
    }
}
