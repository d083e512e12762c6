using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>Waits until a node that is drained has nothing left, and tells how far it is.</summary>
internal sealed class DrainWait(ClusterClient client, TimeProvider time, TextWriter progress)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Longer than a new coordinator takes, and than the asked node takes to restart.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Replicas are built one after the other, a large one takes a while: a hint, not a failure.
    private static readonly TimeSpan Suspicious = TimeSpan.FromSeconds(30);

    private string _said = string.Empty;
    private bool _seenLeaving;

    /// <summary>Returns when the node is empty.</summary>
    /// <exception cref="ClusterCallException">It is not drained any more, or the asked node does not answer for a minute.</exception>
    public async Task UntilEmptyAsync(string node, CancellationToken cancellationToken)
    {
        var answered = time.GetTimestamp();
        var changed = answered;
        for (var hinted = false; ;)
        {
            string now;
            try
            {
                if (await LeftAsync(node, cancellationToken) is not { } left)
                {
                    await progress.WriteLineAsync($"nothing is left on node {node}: it can be stopped");
                    return;
                }

                now = left;
                answered = time.GetTimestamp();
            }
            catch (ClusterCallException exception) when (exception.MayPass && time.GetElapsedTime(answered) < Patience)
            {
                now = $"waiting: {exception.Message}";
            }

            if (now != _said)
            {
                (_said, changed, hinted) = (now, time.GetTimestamp(), false);
                await progress.WriteLineAsync(now);
            }
            else if (!hinted && time.GetElapsedTime(changed) > Suspicious)
            {
                hinted = true;
                await progress.WriteLineAsync(
                    "no change for 30 s: its replicas can go only to other active nodes that lack them; 'deucalion cluster partitions' shows what is planned");
            }

            await progress.FlushAsync(cancellationToken);
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>What is left, in words; null: nothing.</summary>
    private async Task<string?> LeftAsync(string node, CancellationToken cancellationToken)
    {
        var nodes = await client.GetAsync<IReadOnlyList<NodeStatus>>("nodes", cancellationToken);
        var isLeaving = nodes.FirstOrDefault(n => n.Record.Id == node)?.Record.State switch
        {
            // Dead ones are not listed by a node that finds no coordinator, and are forgotten in the end.
            null or NodeState.Leaving => true,
            _ => false,
        };
        if (_seenLeaving && !isLeaving)
        {
            throw new ClusterCallException($"node {node} is not drained any more: it was told to stay", mayPass: false);
        }

        _seenLeaving |= isLeaving;
        var partitions = await client.GetAsync<IReadOnlyList<PartitionStatus>>("partitions", cancellationToken);
        var held = partitions.Count(p => p.InSync.Contains(node) || p.Learners.Contains(node));
        return isLeaving && held == 0 ? null : $"{held} {(held == 1 ? "replica" : "replicas")} left, of which it leads {partitions.Count(p => p.Primary == node)}";
    }
}
