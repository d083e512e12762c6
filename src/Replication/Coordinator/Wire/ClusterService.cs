using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Answers calls about the cluster: what a coordinator pushes, what nodes and operators ask this node as the coordinator. Thread-safe.</summary>
internal sealed class ClusterService(ClusterViews views, NodeMembership membership, CoordinatorGate gate, CoordinatorOptions options, TimeProvider time)
{
    private static readonly ReadOnlyMemory<byte> Nothing = "{}"u8.ToArray();
    private volatile ForcedElections? _forced;

    /// <summary>Forced elections of this node's replicas; null: it has none to offer now.</summary>
    public ForcedElections? Forced
    {
        get => _forced;
        set => _forced = value;
    }

    /// <summary>Maps all calls.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var method in ClusterMethods.All)
        {
            endpoints.MapWireUnary(method, (call, question, cancellationToken) => AnswerAsync(ReplicaProtocol.CallerOf(call), method, question, cancellationToken));
        }
    }

    /// <summary>Answers one call of a node. <see cref="WireException"/> is an answer too.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(NodeId from, string method, ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case ClusterMethods.PushEntries:
                var position = views.Apply(ClusterJson.Read<ViewUpdate>(question), asOf: null);
                return ClusterJson.Write(new PushAnswer(position.Token, position.Seq, membership.Record.Lease));
            case ClusterMethods.Sync:
                var arrivedAt = time.GetTimestamp() / (time.TimestampFrequency / 1000);
                var sync = ClusterJson.Read<SyncQuestion>(question);
                if (sync.Record.Id != ReplicaProtocol.NameOf(from))
                {
                    throw new WireException(WireStatus.InvalidArgument, $"node {ReplicaProtocol.NameOf(from)} told the record of node {sync.Record.Id}");
                }

                return ClusterJson.Write(await gate.AskAsync<ViewUpdate>(reply => new SyncMessage(from, sync, arrivedAt, reply), options.CallDeadline, cancellationToken));
            case ClusterMethods.Report:
                var reports = ClusterJson.Read<Reports>(question);
                await gate.TellAsync(new ReportMessage(from, reports), cancellationToken);
                return Nothing;
            case ClusterMethods.Command:
                var command = ClusterJson.Read<CommandCall>(question);
                return ClusterJson.Write(await gate.AskAsync<CommandAnswer>(reply => new CommandMessage(command, reply), options.CommandDeadline, cancellationToken));
            case ClusterMethods.Status:
                return ClusterJson.Write(await gate.AskAsync<ClusterSnapshot>(static reply => new SnapshotMessage(reply), options.CallDeadline, cancellationToken));
            case ClusterMethods.ForceElect:
                var call = ClusterJson.Read<ForceElectCall>(question);
                var forced = _forced ?? throw new WireException(WireStatus.Unavailable, "the replicas of this node are not open");
                var entry = await forced.ForceAsync(new PartitionId(call.Partition), call.AcceptsLoss, cancellationToken);
                return ClusterJson.Write(new EntrySight(call.Partition, entry));
            default:
                throw new WireException(WireStatus.Unimplemented, $"{method} is not known");
        }
    }
}
