using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Checking;

/// <summary>Asks every node all the time, each at its own pace: one that hangs does not keep the others from being asked.</summary>
internal sealed class ContinuousCheck(ICluster cluster, AnswerChecker checker, LoadGenerator load, TimeSpan pause) : IAsyncDisposable
{
    private const int RecentSteps = 100;
    private const int EarlierSteps = 300;

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(SuperviseAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    // Nodes come and go.
    private async Task SuperviseAsync()
    {
        var asked = new Dictionary<IClusterNode, Task>();
        while (!_stop.IsCancellationRequested)
        {
            foreach (var node in cluster.Nodes.Where(n => !asked.ContainsKey(n)))
            {
                asked[node] = Task.Run(() => AskAsync(node));
            }

            await Task.Delay(pause, CancellationToken.None);
        }

        await Task.WhenAll(asked.Values);
    }

    private async Task AskAsync(IClusterNode node)
    {
        var random = new Random(node.Name.GetHashCode(StringComparison.Ordinal));
        try
        {
            while (cluster.Nodes.Contains(node))
            {
                await Task.Delay(pause, _stop.Token);
                var sender = random.Next(load.Options.Senders);
                var sent = load.ViewOf(sender).Sent;

                // A paused node is asked as well: what it answers once it goes on was asked before, and must not be what it knew then.
                if (sent == 0 || !(node.IsRunning || node.IsPaused))
                {
                    continue;
                }

                var recent = random.Next(2) == 0;
                var end = recent ? sent : random.NextInt64(sent) + 1;
                var first = Math.Max(0, end - (recent ? RecentSteps : EarlierSteps));
                await checker.CheckAsync(node.Name, node.Url, sender, first, end, points: random.Next(2) == 0, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
