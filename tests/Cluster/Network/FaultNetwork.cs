using System.Collections.Concurrent;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Network;

/// <summary>
/// All links of a run, node to node and node to store, each carried by a proxy in user space. Nodes are told one address of each peer, that of its
/// proxy, which finds out from which process a connection comes. Thread-safe.
/// </summary>
/// <param name="processes">Names of the nodes that run now, by process id.</param>
internal sealed class FaultNetwork(Func<IReadOnlyDictionary<int, string>> processes) : INodeNetwork, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<(string From, string To), Flow> _flows = new();
    private readonly HashSet<(string, string)> _cuts = [];
    private readonly HashSet<ProxyConnection> _connections = [];
    private readonly List<FaultProxy> _proxies = [];

    /// <summary>Connections that stand now, as (who opened it, who serves it).</summary>
    public IReadOnlyList<(string From, string To)> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.Select(static c => (c.From, c.To))];
            }
        }
    }

    /// <summary>A proxy in front of a server that is reached by the processes of the run; returns its port.</summary>
    public int ListenFor(string target, int targetPort)
    {
        var port = Ports.Free();
        Add(new FaultProxy(this, port, target, targetPort, clientPort =>
        {
            var known = processes();
            return SocketOwners.Find(clientPort, port, known.Keys) is { } process ? known[process] : null;
        }));
        return port;
    }

    /// <summary>A proxy that one party alone is told of; returns its port.</summary>
    public int ListenFrom(string source, string target, int targetPort)
    {
        var port = Ports.Free();
        Add(new FaultProxy(this, port, target, targetPort, _ => source));
        return port;
    }

    public void Cut(string one, string other)
    {
        List<ProxyConnection> cut;
        lock (_lock)
        {
            _cuts.Add(Pair(one, other));
            cut = [.. _connections.Where(c => Pair(c.From, c.To) == Pair(one, other))];
        }

        foreach (var connection in cut)
        {
            connection.Reset();
        }
    }

    public void Hold(string from, string to) => FlowOf(from, to).Hold();

    public void Delay(string from, string to, TimeSpan by) => FlowOf(from, to).Slow(by);

    public void Limit(string from, string to, long bytesPerSecond) => FlowOf(from, to).Limit(bytesPerSecond);

    public void Heal()
    {
        lock (_lock)
        {
            _cuts.Clear();
        }

        foreach (var flow in _flows.Values)
        {
            flow.Heal();
        }
    }

    /// <summary>One pair is whole again.</summary>
    public void Heal(string one, string other)
    {
        lock (_lock)
        {
            _cuts.Remove(Pair(one, other));
        }

        FlowOf(one, other).Heal();
        FlowOf(other, one).Heal();
    }

    public Flow FlowOf(string from, string to) => _flows.GetOrAdd((from, to), static _ => new Flow());

    public bool IsCut(string one, string other)
    {
        lock (_lock)
        {
            return _cuts.Contains(Pair(one, other));
        }
    }

    /// <summary>Notes a connection; false where the link was cut meanwhile.</summary>
    public bool Enter(ProxyConnection connection)
    {
        lock (_lock)
        {
            return !_cuts.Contains(Pair(connection.From, connection.To)) && _connections.Add(connection);
        }
    }

    public void Leave(ProxyConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Heal();
        List<ProxyConnection> open;
        lock (_lock)
        {
            open = [.. _connections];
        }

        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        foreach (var connection in open)
        {
            connection.Reset();
        }
    }

    private static (string, string) Pair(string one, string other) => string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);

    private void Add(FaultProxy proxy)
    {
        lock (_lock)
        {
            _proxies.Add(proxy);
        }
    }
}
