using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Checking;

/// <summary>
/// Replicas that coordinators had moved, added up over the nodes that coordinated: asks all again and again, since what a node counted is gone with its process.
/// Processes must not be started again meanwhile.
/// </summary>
internal sealed class MoveCount : IAsyncDisposable
{
    private readonly ICluster _cluster;
    private readonly ClusterClient _client;
    private readonly Dictionary<string, (long Begun, long Completed)> _counts = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public MoveCount(ICluster cluster, ClusterClient client, TimeSpan every)
    {
        _cluster = cluster;
        _client = client;
        _running = Task.Run(() => RunAsync(every));
    }

    public long Begun => Sum(static count => count.Begun);

    public long Completed => Sum(static count => count.Completed);

    /// <summary>Asks all nodes now.</summary>
    public async Task ReadAsync()
    {
        foreach (var node in _cluster.Nodes.Where(static node => node.IsRunning))
        {
            try
            {
                var begun = await _client.CounterAsync(node, "deucalion_cluster_moves_total", _stopping.Token);
                var completed = await _client.CounterAsync(node, "deucalion_cluster_moves_completed_total", _stopping.Token);
                lock (_counts)
                {
                    var known = _counts.GetValueOrDefault(node.Id);
                    _counts[node.Id] = (Math.Max(known.Begun, begun), Math.Max(known.Completed, completed));
                }
            }
            catch (HttpRequestException)
            {
                // It stops, or is not there yet: what it told before counts.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(TimeSpan every)
    {
        try
        {
            while (true)
            {
                await ReadAsync();
                await Task.Delay(every, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private long Sum(Func<(long Begun, long Completed), long> number)
    {
        lock (_counts)
        {
            return _counts.Values.Sum(number);
        }
    }
}
