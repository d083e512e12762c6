using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Cluster;

/// <summary>The logs of this node as a coordinator and a forced election see them.</summary>
internal sealed class LocalReplicas(Func<ReplicatedLogs?> current) : ILocalReplicas
{
    /// <inheritdoc/>
    public bool IsFull => current()?.Journal.IsLow == true;

    /// <inheritdoc/>
    public IReadOnlyList<PartitionLags> Lags
    {
        get
        {
            var all = new List<PartitionLags>();
            foreach (var log in current()?.All ?? [])
            {
                if (log.Lags is { Peers.IsEmpty: false } lags)
                {
                    all.Add(new PartitionLags(log.Partition.Value, lags.Term, [.. lags.Peers.Select(Told)]));
                }
            }

            return all;
        }
    }

    /// <inheritdoc/>
    public ReplicaId? Find(PartitionId partition) => current()?.Find(partition)?.Replica;

    /// <inheritdoc/>
    public async ValueTask LearnAsync(PartitionId partition, TableEntry entry, CancellationToken cancellationToken)
    {
        if (current()?.Find(partition) is { } log)
        {
            await log.LearnAsync(entry).WaitAsync(cancellationToken);
        }
    }

    private static ReplicaLag Told(PeerLag lag) => new(ReplicaProtocol.NameOf(lag.Node), lag.Records, lag.Milliseconds / 1000.0);
}
