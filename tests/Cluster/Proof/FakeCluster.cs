using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Cluster.Network;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Cluster.Proof;

/// <summary>
/// A cluster of servers in this process that share one memory and hence cannot but be right, unless told to misbehave: from the first fault on it
/// then does one thing wrong. It shows that the judges let a right cluster pass and catch each of the wrongs. Partition n is that of sender n.
/// </summary>
internal sealed partial class FakeCluster(Misbehaviour misbehaviour, int senders) : ICluster, INodeNetwork, IClusterStore
{
    // Elections, repairs and joins take so long.
    private static readonly TimeSpan Reaction = TimeSpan.FromMilliseconds(300);

    // More than those who ask nodes directly ask before somebody asks through the proxy.
    private const int SomeQueries = 50;

    // A request of the load carries one second at most.
    private static readonly TimeSpan SlowPush = TimeSpan.FromSeconds(2.5);

    private readonly Lock _lock = new();
    private readonly FakeSamples _samples = new();
    private readonly HashSet<string> _cutOff = [];
    private IReadOnlyList<FakeNode> _nodes = [];
    private FakeTable _table = new(new Dictionary<int, FakeEntry>(), 0);
    private bool _begun;
    private bool _wrong;
    private int _failures;
    private int _moves;

    public IReadOnlyList<IClusterNode> Nodes => _nodes;

    public INodeNetwork Network => this;

    public IClusterStore Store => this;

    public StoreKind Kind => StoreKind.Bucket;

    public static async Task<FakeCluster> StartAsync(Misbehaviour misbehaviour, int nodes, int senders)
    {
        var cluster = new FakeCluster(misbehaviour, senders);
        for (var i = 0; i < nodes; i++)
        {
            await cluster.AddAsync(ClusterOptions.ZoneName(i % 3));
        }

        cluster._begun = true;
        return cluster;
    }

    public async Task<IClusterNode> AddAsync(string zone)
    {
        var node = new FakeNode(this, $"node{_nodes.Count + 1}", zone);
        await node.ListenAsync();
        _nodes = [.. _nodes, node];
        if (_begun)
        {
            // Its share of what its zone has: one replica of each partition.
            Moved(senders / _nodes.Count(n => n.Zone == zone));
            Broke();
        }
        else
        {
            Changed();
        }

        return node;
    }

    public async Task RemoveAsync(IClusterNode node)
    {
        Moved(_table.Entries.Values.Count(entry => entry.InSync.Contains(node)));
        await node.StopAsync();
        _nodes = [.. _nodes.Where(n => n != node)];
        await ((FakeNode)node).DisposeAsync();
        Broke();
    }

    public void Cut(string one, string other) => CutOff(one);

    public void Hold(string from, string to) => CutOff(from);

    public void Delay(string from, string to, TimeSpan by) => Broke();

    public void Limit(string from, string to, long bytesPerSecond) => Broke();

    public void Heal()
    {
        _cutOff.Clear();
        Changed();
    }

    public void CutFrom(string node) => Broke();

    public void GiveBackTo(string node) => Changed();

    public Task KillAsync()
    {
        Broke();
        return Task.CompletedTask;
    }

    public Task ReviveAsync() => Task.CompletedTask;

    /// <summary>A fault: the cluster reacts, and is wrong from now on if it is to be.</summary>
    public void Broke()
    {
        lock (_lock)
        {
            if (!_wrong && misbehaviour == Misbehaviour.Forgets)
            {
                _samples.Forget();
            }

            _wrong = true;
        }

        Changed();
    }

    /// <summary>The members have changed: the table follows after a while.</summary>
    public void Changed() => _ = Task.Run(async () =>
    {
        await Task.Delay(_table.Entries.Count == 0 ? TimeSpan.Zero : Reaction);
        Rebuild(null);
    });

    /// <summary>A node leaves in order: the table does without it before it goes.</summary>
    public async Task HandOffAsync(FakeNode node)
    {
        Rebuild(node);

        // Twice the period at which the proxy in front asks who is ready, and then some.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
    }

    public async Task<(int Status, string Body)> AnswerAsync(FakeNode node, HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var query = context.Request.Query;
        return path switch
        {
            "/ready" => node.IsStopping ? (503, "Service Unavailable: the node is stopping\n") : (200, "ready"),
            "/api/v1/push" => await PushAsync(context),
            "/api/v1/query" => Query(node, SenderIn(query["query"]!), s => _samples.Matrix(s, Time(query["time"]), long.Parse(RangePattern().Match(query["query"]!).Groups[1].Value, CultureInfo.InvariantCulture), Wrong(node))),
            "/api/v1/query_range" => Query(node, SenderIn(query["query"]!), s => _samples.Range(s, Time(query["start"]), Time(query["end"]), Time(query["step"]), Wrong(node))),
            "/api/v1/cluster/status" => (200, $"{{\"status\":\"success\",\"data\":{{\"coordinator\":\"{_nodes.First(static n => n.IsRunning).Id}\",\"fromCoordinator\":true,\"unsettled\":0,\"movesUnderWay\":0}}}}"),
            "/metrics" => (200, node == _nodes[^1] ? FormattableString.Invariant($"deucalion_router_rerouted_total {(Is(Misbehaviour.NeverReroutes) ? 0 : 1)}\ndeucalion_cluster_moves_total{{reason=\"balance\"}} {_moves}\ndeucalion_cluster_moves_completed_total{{reason=\"balance\"}} {_moves}\n") : string.Empty),
            "/api/v1/cluster/partitions" => (200, _table.Json(node, _samples, IsBackupThat(Misbehaviour.LogsDiffer, node), IsBackupThat(Misbehaviour.HeadsDiffer, node))),
            _ => (404, "not found"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [GeneratedRegex("sender=\"([0-9]+)\"")]
    private static partial Regex SenderPattern();

    [GeneratedRegex(@"\[([0-9]+)ms\]")]
    private static partial Regex RangePattern();

    private static int SenderIn(string query) => int.Parse(SenderPattern().Match(query).Groups[1].Value, CultureInfo.InvariantCulture);

    private static long Time(string? seconds) => (long)Math.Round(double.Parse(seconds!, CultureInfo.InvariantCulture) * 1000);

    private bool Is(Misbehaviour one) => misbehaviour == one && Volatile.Read(ref _wrong);

    private bool IsBackupThat(Misbehaviour one, FakeNode node) => Is(one) && _table.Entries.GetValueOrDefault(0)?.InSync[^1] == node;

    // Those that one node alone is guilty of.
    private Misbehaviour Wrong(FakeNode node) => Volatile.Read(ref _wrong) && node == _nodes[^1] ? misbehaviour : Misbehaviour.None;

    private void CutOff(string node)
    {
        _cutOff.Add(node);
        Broke();
    }

    // A misbehaving cluster goes to and fro.
    private void Moved(int replicas) => _moves += replicas + (misbehaviour == Misbehaviour.MovesTooMuch ? 1 : 0);

    private void Rebuild(FakeNode? leaving)
    {
        lock (_lock)
        {
            var members = _nodes.Where(n => n.IsRunning && !n.IsFull && n != leaving && !_cutOff.Contains(n.Name)).ToList();
            _table = _table.Next(members, senders, shortOfOne: Is(Misbehaviour.NeverHeals));
        }
    }

    private async Task<(int Status, string Body)> PushAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var samples = WriteRequestReader.Read(body.ToArray()).ToList();
        var sender = samples[0].Sender;
        if (sender == 0 && Is(Misbehaviour.Refuses))
        {
            return (400, "this is wrong");
        }

        if (sender == 0 && (Is(Misbehaviour.NeverResumes) || (Is(Misbehaviour.FailsOnePush) && Interlocked.Increment(ref _failures) == 1)))
        {
            return (503, "partition 0 has no primary");
        }

        if (sender == 0 && Is(Misbehaviour.StaysSlow))
        {
            await Task.Delay(SlowPush);
        }

        if (_table.Entries.GetValueOrDefault(sender) is not { Primary.IsRunning: true, Primary.IsFull: false } entry || _cutOff.Contains(entry.Primary.Name))
        {
            return (503, $"partition {sender} has no primary");
        }

        _samples.Add(samples);
        return (200, string.Empty);
    }

    private (int Status, string Body) Query(FakeNode node, int sender, Func<int, string> read)
    {
        if (Wrong(node) == Misbehaviour.NamesNoReason)
        {
            return (500, """{"status":"error","errorType":"internal","error":""}""");
        }

        return Is(Misbehaviour.FailsSomeQueries) && Interlocked.Increment(ref _failures) <= SomeQueries
            ? (503, """{"status":"error","errorType":"unavailable","error":"partition 0 cannot be read"}""")
            : (200, read(sender));
    }
}
