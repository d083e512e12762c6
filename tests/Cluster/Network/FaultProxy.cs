using System.Net;
using System.Net.Sockets;

namespace Deucalion.Cluster.Network;

/// <summary>One listener in front of one server on loopback.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly FaultNetwork _network;
    private readonly Func<int, string?> _sourceOf;
    private readonly string _target;
    private readonly int _targetPort;
    private readonly Socket _listener;
    private readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="network">Whose faults apply.</param>
    /// <param name="port">Where to listen.</param>
    /// <param name="target">Name of the server.</param>
    /// <param name="targetPort">Where it listens.</param>
    /// <param name="sourceOf">Who connects, by the port it connects from; null for somebody unknown, who is turned away.</param>
    public FaultProxy(FaultNetwork network, int port, string target, int targetPort, Func<int, string?> sourceOf)
    {
        _network = network;
        _sourceOf = sourceOf;
        _target = target;
        _targetPort = targetPort;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(128);
        _accepting = Task.Run(AcceptAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var source = _sourceOf(((IPEndPoint)client.RemoteEndPoint!).Port);
        if (source is null || _network.IsCut(source, _target))
        {
            ProxyConnection.Reset(client);
            return;
        }

        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _targetPort));
        }
        catch (SocketException)
        {
            // Nobody listens there now; the client sees what it would have seen without the proxy, an instant later.
            server.Dispose();
            ProxyConnection.Reset(client);
            return;
        }

        client.NoDelay = true;
        using var connection = new ProxyConnection(source, _target, client, server);
        if (!_network.Enter(connection))
        {
            connection.Reset();
            return;
        }

        await connection.RunAsync(_network.FlowOf(source, _target), _network.FlowOf(_target, source));
        _network.Leave(connection);
    }
}
