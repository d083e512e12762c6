using System.Buffers.Binary;
using System.Security.Cryptography;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Makes this node's replica of a partition lead with what it has, by an operator's word. Carried out here, on the node of that replica: it knows at once
/// that its log is the one that counts, and does not give it up to a primary of before.
/// </summary>
internal sealed partial class ForcedElections(
    NodeId self, ICoordinationStore store, IClusterViews views, ILocalReplicas replicas, ILogger<ForcedElections> logger)
{
    private readonly PartitionTable _table = new(store);

    /// <summary>Forces the election and returns the new entry. <see cref="WireException"/> where that is not possible, or not without consent to loss.</summary>
    public async Task<PartitionEntry> ForceAsync(PartitionId partition, bool acceptsLoss, CancellationToken cancellationToken)
    {
        try
        {
            var (found, document) = await _table.GetAsync(partition, cancellationToken)
                ?? throw new WireException(WireStatus.NotFound, $"there is no partition {partition} that has been written to");
            var entry = found.ToEntry();
            var replica = replicas.Find(partition)
                ?? throw new WireException(WireStatus.FailedPrecondition, $"node {ReplicaProtocol.NameOf(self)} has no log of partition {partition}");
            if (!acceptsLoss)
            {
                Refuse(entry, replica, (await views.RefreshAsync(cancellationToken)).Nodes);
            }

            var core = new CoordinatorCore(
                self, BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)), new CoordinatorTimings(), ProtocolRules.All);
            core.ForceElect(entry, replica);
            var proposed = ((WriteEntry)core.Effects[0]).Proposed;
            var written = await _table.TryPutAsync(partition, proposed.ToDocument(), document, cancellationToken)
                ?? throw new WireException(WireStatus.Aborted, $"the entry of partition {partition} changed meanwhile: look again");
            await replicas.LearnAsync(partition, written.ToEntry(), CancellationToken.None);
            views.Learned(partition, written);
            LogForced(logger, partition, written.Term);
            return written;
        }
        catch (CoordinationException exception)
        {
            throw new WireException(WireStatus.Unavailable, $"the coordination store failed, and the election may have taken effect: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Where a replica is alive that has everything nothing need be lost: it is elected by itself. Where none is, those that are down have what this one may lack.
    /// </summary>
    private static void Refuse(TableEntry entry, ReplicaId replica, IReadOnlyList<NodeRecord> alive)
    {
        foreach (var member in entry.InSync)
        {
            var name = ReplicaProtocol.NameOf(member.Node);
            if (member != replica && alive.Any(node => node.Id == name))
            {
                throw new WireException(
                    WireStatus.FailedPrecondition, $"node {name} is alive and has an in-sync replica: forcing another one may lose records, which has to be accepted");
            }
        }

        if (!entry.IsInSync(replica))
        {
            var others = string.Join(", ", entry.InSync.Select(static member => ReplicaProtocol.NameOf(member.Node)));
            throw new WireException(
                WireStatus.FailedPrecondition,
                $"the replica of node {ReplicaProtocol.NameOf(replica.Node)} as it is now is not in sync: what only those that are have ({others}) would be lost for good, which has to be accepted; any of them has everything once it is back");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "By an operator's word partition {Partition} is led by this node's replica, whatever it lacks, in term {Term}")]
    private static partial void LogForced(ILogger logger, PartitionId partition, long term);
}
