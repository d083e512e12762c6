using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Testing.Wire;

/// <summary>The internal calls of a node, served on 127.0.0.1; stopped and started again at the same address.</summary>
public sealed class LoopbackNode : IAsyncDisposable
{
    private readonly int _port = Ports.Free();
    private readonly Action<IEndpointRouteBuilder> _map;
    private WireHost? _host;

    private LoopbackNode(string id, Action<IEndpointRouteBuilder> map)
    {
        Id = id;
        _map = map;
    }

    /// <summary>Name of the node, 32 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Where it listens.</summary>
    public string Address => $"127.0.0.1:{_port}";

    public static async Task<LoopbackNode> StartAsync(string id, Action<IEndpointRouteBuilder> map)
    {
        var node = new LoopbackNode(id, map);
        await node.StartAsync();
        return node;
    }

    /// <summary>Options of a channel from one node to another.</summary>
    public static WireClientOptions Options(string from, string to) => new()
    {
        NodeId = from,
        PeerNodeId = to,
        Protocol = 1,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        KeepAlive = TimeSpan.FromSeconds(2),
    };

    public async Task StartAsync() => _host = await WireHost.StartAsync(_map, new WireServerOptions { NodeId = Id }, port: _port);

    public async Task StopAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync();
            await host.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
