using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// What operators want, at the coordinator. What has to outlast it is written to the store before it is answered: states of nodes, numbers of replicas. A
/// move is not: a coordinator that takes over decides anew.
/// </summary>
internal sealed class CoordinatorCommands(
    CoordinatorState state, NodeRecords records, PlacementStore placement, CoordinatorOptions options, BackgroundTasks tasks, Action<CoordinatorMessage> post)
{
    public void Begin(CommandMessage message, long now)
    {
        try
        {
            if (!state.IsReady)
            {
                throw new WireException(WireStatus.Unavailable, "the coordinator has not read the table yet");
            }

            var call = message.Call;
            switch (call.Kind)
            {
                case CommandKind.Drain:
                    SetState(message, NodeState.Leaving, "is drained: its primaries are handed off, then its replicas move");
                    break;
                case CommandKind.Undrain:
                    if (Node(call.Node).Record!.State != NodeState.Leaving)
                    {
                        throw new WireException(WireStatus.FailedPrecondition, $"node {call.Node} is not drained");
                    }

                    SetState(message, NodeState.Joining, "stays");
                    break;
                case CommandKind.StandDown:
                    message.Reply.Set(StandDown(Node(call.Node), now));
                    break;
                case CommandKind.Move:
                    message.Reply.Set(Move(Partition(call.Partition), Node(call.Node), Node(call.To), now));
                    break;
                case CommandKind.Set:
                    Set(message);
                    break;
                default:
                    throw new WireException(WireStatus.InvalidArgument, $"command {call.Kind} is not known");
            }
        }
        catch (WireException exception)
        {
            message.Reply.Fail(exception);
        }
    }

    private void SetState(CommandMessage message, NodeState wanted, string text)
    {
        var node = Node(message.Call.Node);
        var left = state.Partitions.Count(partition => partition.Has(node.Id));
        InStore(message, async cancellationToken =>
        {
            var record = await records.SetStateAsync(node.Name, wanted, null, cancellationToken)
                ?? throw new WireException(WireStatus.NotFound, $"node {node.Name} has no record");
            post(new RecordMessage(node.Name, record));
            return new CommandAnswer($"node {node.Name} {text}", left);
        });
    }

    private CommandAnswer StandDown(KnownNode node, long now)
    {
        node.StandsDownUntil = now + (long)options.StandDownFor.TotalMilliseconds;
        state.PlanSoon();
        var left = state.Partitions.Count(partition => partition.Entry.Primary == node.Id);
        return new CommandAnswer($"node {node.Name} has {left} primaries left", left);
    }

    private CommandAnswer Move(KnownPartition partition, KnownNode from, KnownNode to, long now)
    {
        if (!partition.Has(from.Id))
        {
            throw new WireException(WireStatus.FailedPrecondition, $"partition {partition.Id} has no replica on node {from.Name}");
        }

        if (partition.Entry.InSyncOn(to.Id) is not null)
        {
            throw new WireException(WireStatus.FailedPrecondition, $"partition {partition.Id} has a replica on node {to.Name} already");
        }

        var move = new PlannedMove(from.Id, to.Id, StepReason.Move);
        var picture = state.Picture(now);
        if (!picture.Nodes.Any(node => node.Id == to.Id && node.Takes))
        {
            throw new WireException(WireStatus.FailedPrecondition, $"node {to.Name} takes no replicas now");
        }

        if (BalancePlanner.SpreadLostBy(picture, partition.Id, move) is { } lost)
        {
            var emptier = $"{(lost.Emptier.Count == 1 ? "zone" : "zones")} {string.Join(", ", lost.Emptier.Select(static zone => $"'{zone}'"))}";
            throw new WireException(
                WireStatus.FailedPrecondition,
                $"partition {partition.Id} would have {lost.Replicas} replicas in zone '{lost.Zone}', at least two more than in {emptier}, where a node could take one: balance would undo the move");
        }

        partition.Move = move;
        state.PlanSoon();
        return new CommandAnswer($"partition {partition.Id} moves from node {from.Name} to node {to.Name}; balance may answer with other moves", 1);
    }

    private void Set(CommandMessage message)
    {
        var (rf, minInSync) = (message.Call.ReplicationFactor ?? 0, message.Call.MinInSync ?? ((message.Call.ReplicationFactor ?? 0) / 2) + 1);
        if (!ReplicaNumbers.AreValid(rf, minInSync))
        {
            throw new WireException(WireStatus.InvalidArgument, $"{rf} replicas, {minInSync} in sync: that is not possible (1 to {ReplicaNumbers.Most}, the second at most the first)");
        }

        var numbers = new ReplicaNumbers(rf, minInSync);
        PartitionId? one = message.Call.Partition is { } id ? new PartitionId(id) : null;
        InStore(message, async cancellationToken =>
        {
            try
            {
                var view = one is { } partition
                    ? await placement.SetNumbersAsync(partition, numbers, cancellationToken)
                    : await placement.SetNumbersAsync(numbers, cancellationToken);
                post(new PlacementMessage(view));
            }
            catch (ArgumentOutOfRangeException exception)
            {
                throw new WireException(WireStatus.NotFound, exception.Message, exception);
            }

            return new CommandAnswer($"{(one is { } only ? $"partition {only} gets" : "all partitions get")} {numbers}", 0);
        });
    }

    /// <summary>Does what takes a request to the store beside the actor, and answers then.</summary>
    private void InStore(CommandMessage message, Func<CancellationToken, Task<CommandAnswer>> work) => tasks.Run(async cancellationToken =>
    {
        try
        {
            message.Reply.Set(await work(cancellationToken));
        }
        catch (CoordinationException exception)
        {
            message.Reply.Fail(new WireException(WireStatus.Unavailable, $"the coordination store failed, and the command may have taken effect: {exception.Message}", exception));
        }
        catch (Exception exception) when (exception is WireException or OperationCanceledException)
        {
            message.Reply.Fail(exception as WireException ?? new WireException(WireStatus.Unavailable, "the coordinator stopped before the command was done", exception));
        }
    });

    private KnownNode Node(string? name) =>
        name is not null && state.Nodes.Find(name) is { Record: not null } node
            ? node
            : throw ClusterCommands.NoNode(name);

    private KnownPartition Partition(int? id) =>
        id is { } number && state.Find(new PartitionId(number)) is { } partition
            ? partition
            : throw new WireException(WireStatus.NotFound, $"there is no partition '{id}' that has been written to");
}
