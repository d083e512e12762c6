using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Deucalion.Benchmarks.Servers;

/// <summary>Three nodes in three zones, which agree through their bucket: a directory that all of them see.</summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    public const int Count = 3;

    private readonly ServerFactory _servers;
    private readonly string _shared;
    private readonly int _replicas;
    private readonly string[] _directories = new string[Count];
    private readonly int[] _ports = new int[Count];

    private NodeCluster(ServerFactory servers, int replicas)
    {
        _servers = servers;
        _replicas = replicas;
        _shared = servers.Fresh();
        for (var i = 0; i < Count; i++)
        {
            (_directories[i], _ports[i]) = (servers.Fresh(), Server.FreePort());
        }
    }

    public Server[] Nodes { get; } = new Server[Count];

    /// <summary>CPU time of all nodes so far, seconds.</summary>
    public double CpuSeconds => Nodes.Sum(static node => node.CpuSeconds);

    public static async Task<NodeCluster> StartAsync(ServerFactory servers, int replicas)
    {
        var cluster = new NodeCluster(servers, replicas);
        for (var i = 0; i < Count; i++)
        {
            cluster.Start(i);
        }

        foreach (var node in cluster.Nodes)
        {
            await node.ReadyAsync();
        }

        return cluster;
    }

    /// <summary>Starts a node, which may have run before over what it kept.</summary>
    public void Start(int node) => Nodes[node] = _servers.Node(
        _directories[node],
        string.Create(
            CultureInfo.InvariantCulture,
            $"cluster:\n  listen: 127.0.0.1:{_ports[node]}\n  zone: zone-{node}\n  replication_factor: {_replicas}\ncoordination:\n  kind: bucket\nbucket:\n  path: {_shared}\n"));

    /// <summary>Stops a node in order.</summary>
    public async Task StopAsync(int node)
    {
        await Nodes[node].StopAsync();
        await Nodes[node].DisposeAsync();
    }

    /// <summary>Until every partition has as many replicas in sync as there are to be.</summary>
    public async Task RedundantAsync()
    {
        var clock = Stopwatch.StartNew();
        while (!await IsRedundantAsync())
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(3))
            {
                throw new InvalidOperationException("partitions do not get their replicas");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Sum of a counter over all nodes and label values that contain a text, since their starts.</summary>
    public async Task<double> SumAsync(string metric, string having = "")
    {
        var sum = 0.0;
        foreach (var node in Nodes)
        {
            var text = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            sum += text.Split('\n')
                .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.AsSpan(metric.Length) is ['{' or ' ', ..] && line.Contains(having, StringComparison.Ordinal))
                .Sum(static line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
        }

        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<bool> IsRedundantAsync()
    {
        try
        {
            using var answer = JsonDocument.Parse(await Nodes[0].Http.GetStringAsync(new Uri("/api/v1/cluster/partitions", UriKind.Relative)));
            var partitions = answer.RootElement.GetProperty("data").EnumerateArray().ToList();
            return partitions.Count > 0 && partitions.TrueForAll(p => p.GetProperty("inSync").GetArrayLength() == _replicas);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
