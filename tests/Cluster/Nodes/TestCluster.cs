using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Network;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Nodes;

/// <summary>
/// Real nodes on loopback over a real store. Other nodes and the store are reached through proxies alone, so every link can be cut. Everything
/// that was started is stopped by its process id, also when the test program itself is told to end.
/// </summary>
internal sealed class TestCluster : ICluster
{
    private static readonly TimeSpan Drained = TimeSpan.FromMinutes(5);

    private readonly ClusterOptions _options;
    private readonly RunDirectory _directory;
    private readonly EventHandler _lastResort;
    private IReadOnlyList<ClusterNode> _nodes = [];
    private IReadOnlyList<ClusterNode> _outsiders = [];
    private ClusterStore? _store;
    private int _started;

    private TestCluster(ClusterOptions options, RunDirectory directory)
    {
        _options = options;
        _directory = directory;
        Faults = new FaultNetwork(() => _nodes.Concat(_outsiders).Where(static n => n.ProcessId is not null).ToDictionary(static n => n.ProcessId!.Value, static n => n.Name));
        _lastResort = (_, _) => EndProcesses();
        AppDomain.CurrentDomain.ProcessExit += _lastResort;
    }

    public IReadOnlyList<IClusterNode> Nodes => _nodes;

    public INodeNetwork Network => Faults;

    public IClusterStore Store => _store ?? throw new InvalidOperationException("a node that is alone has no store to be cut from");

    public FaultNetwork Faults { get; }

    public static async Task<TestCluster> StartAsync(ClusterOptions options, RunDirectory directory)
    {
        var cluster = new TestCluster(options, directory);
        try
        {
            if (options.Store is { } kind)
            {
                cluster._store = ClusterStore.Create(kind, directory.Child("store"), cluster.Faults);
                await cluster._store.StartAsync();
            }

            // At one time: no node may need to be the first.
            var nodes = Enumerable.Range(0, options.Nodes).Select(i => cluster.Prepare(ClusterOptions.ZoneName(i % options.Zones), options.NodeSettings)).ToList();
            nodes.ForEach(node => node.Program = options.Program ?? node.Program);
            nodes[0].IsAlone = options.FirstIsAlone;
            await Task.WhenAll(nodes.Select(static n => n.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<IClusterNode> AddAsync(string zone)
    {
        var node = Prepare(zone, _options.NodeSettings);
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts a node that wants to be a member and is none of <see cref="Nodes"/>, and does not wait until it is ready.</summary>
    public async Task<ClusterNode> StartOutsiderAsync(string zone, Func<string, IReadOnlyDictionary<string, string>> settings)
    {
        var node = Make(zone, settings);
        _outsiders = [.. _outsiders, node];
        await node.BeginAsync();
        return node;
    }

    public async Task RemoveAsync(IClusterNode node)
    {
        using (var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) })
        using (var response = await http.PostAsync(new Uri(node.Url, $"/api/v1/cluster/drain?node={node.Id}"), null))
        {
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"draining {node.Name} was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
            }
        }

        using (var client = new ClusterClient())
        {
            await Eventually.TrueAsync(
                async () => (await ClusterState.ReadAsync(this, client, withDigests: false, CancellationToken.None)).Entries.All(e => !e.InSync.Contains(node.Id) && !e.Learners.Contains(node.Id)),
                Drained,
                () => $"nothing is left on {node.Name}");
        }

        await node.StopAsync();
        var gone = (ClusterNode)node;
        _nodes = [.. _nodes.Where(n => n != gone)];
        gone.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= _lastResort;
        EndProcesses();
        await Faults.DisposeAsync();
    }

    private ClusterNode Prepare(string zone, Func<string, IReadOnlyDictionary<string, string>> settings)
    {
        var node = Make(zone, settings);
        _nodes = [.. _nodes, node];
        return node;
    }

    private ClusterNode Make(string zone, Func<string, IReadOnlyDictionary<string, string>> settings)
    {
        var name = $"node{++_started}";
        var listen = _store is null ? 0 : Ports.Free();
        var advertised = _store is null ? 0 : Faults.ListenFor(name, listen);
        return new ClusterNode(new NodePlace(name, zone, Ports.Free(), listen, advertised, _directory.Child(name)), SettingsOf(name, settings));
    }

    private void EndProcesses()
    {
        foreach (var node in _nodes.Concat(_outsiders))
        {
            node.Dispose();
        }

        _store?.Dispose();
    }

    private Dictionary<string, string> SettingsOf(string name, Func<string, IReadOnlyDictionary<string, string>> own)
    {
        var settings = _store?.SettingsFor(name) ?? [];
        foreach (var (key, value) in _options.Settings.Concat(own(name)))
        {
            settings[key] = value;
        }

        return settings;
    }
}
