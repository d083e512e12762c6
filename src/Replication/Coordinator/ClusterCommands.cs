using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// What operators may want of the cluster. Any node takes it and has the coordinator do it. Failures are <see cref="WireException"/>: not found, refused
/// (<see cref="WireStatus.FailedPrecondition"/>), impossible (<see cref="WireStatus.InvalidArgument"/>), no coordinator (<see cref="WireStatus.Unavailable"/>).
/// Thread-safe.
/// </summary>
public sealed class ClusterCommands
{
    private readonly IClusterCalls _calls;
    private readonly ClusterViews _views;
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;

    internal ClusterCommands(IClusterCalls calls, ClusterViews views, CoordinatorOptions options, TimeProvider time)
    {
        _time = time;
        _calls = calls;
        _views = views;
        _options = options;
    }

    /// <summary>All primaries and replicas of a node are to go to other nodes; it is given nothing more. Left is how many replicas it has now.</summary>
    public Task<CommandAnswer> DrainAsync(string node, CancellationToken cancellationToken) =>
        CommandAsync(new CommandCall { Kind = CommandKind.Drain, Node = node }, cancellationToken);

    /// <summary>A node that was to leave stays.</summary>
    public Task<CommandAnswer> UndrainAsync(string node, CancellationToken cancellationToken) =>
        CommandAsync(new CommandCall { Kind = CommandKind.Undrain, Node = node }, cancellationToken);

    /// <summary>
    /// The primaries of a node that restarts soon go to other nodes; its replicas stay. Returns how many it leads still: called again until there
    /// are none, or time is up.
    /// </summary>
    public async Task<int> StandDownAsync(string node, CancellationToken cancellationToken) =>
        (await CommandAsync(new CommandCall { Kind = CommandKind.StandDown, Node = node }, cancellationToken)).Left;

    /// <summary>
    /// Moves a replica of a partition. Returns when that is accepted, long before it is done. Refused where the replicas would be spread over zones so much worse
    /// that balance would take it back.
    /// </summary>
    public Task<CommandAnswer> MoveAsync(PartitionId partition, string from, string to, CancellationToken cancellationToken) =>
        CommandAsync(new CommandCall { Kind = CommandKind.Move, Partition = partition.Value, Node = from, To = to }, cancellationToken);

    /// <summary>Sets how many replicas a partition is to have, or all of them and those made later (null).</summary>
    public Task<CommandAnswer> SetAsync(PartitionId? partition, ReplicaNumbers numbers, CancellationToken cancellationToken) => CommandAsync(
        new CommandCall
        {
            Kind = CommandKind.Set,
            Partition = partition?.Value,
            ReplicationFactor = numbers.ReplicationFactor,
            MinInSync = numbers.MinInSync,
        },
        cancellationToken);

    /// <summary>
    /// Makes the replica of a partition on a node lead with what it has. Acknowledged records that it lacks are lost: refused where it is not in sync, and while
    /// another node with a replica that is lives, unless <paramref name="acceptsLoss"/>. Returns the new entry.
    /// </summary>
    public async Task<PartitionEntry> ForceElectAsync(PartitionId partition, string node, bool acceptsLoss, CancellationToken cancellationToken)
    {
        if (!ReplicaProtocol.TryParse(node, out var id))
        {
            throw new WireException(WireStatus.InvalidArgument, $"'{node}' is no node id: 32 hexadecimal digits");
        }

        if (_views.AddressOf(id) is null)
        {
            // It may have come a moment ago.
            await RefreshAsync($"the address of node {node} is not known", cancellationToken);
            _ = _views.AddressOf(id) ?? throw NoNode(node);
        }

        var call = new ForceElectCall(partition.Value, acceptsLoss);
        var answer = await _calls.CallAsync(id, ClusterMethods.ForceElect, ClusterJson.Write(call), _options.CommandDeadline, cancellationToken);
        return ClusterJson.Read<EntrySight>(answer).Entry;
    }

    /// <summary>What somebody is told who names a node that there is not.</summary>
    internal static WireException NoNode(string? name) => new(WireStatus.NotFound, $"there is no node '{name}': 'deucalion cluster nodes' lists them");

    /// <summary>How things are, from the coordinator; where none answers, what this node knows (<see cref="ClusterStatus.FromCoordinator"/> is false).</summary>
    public async Task<ClusterSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ClusterJson.Read<ClusterSnapshot>(await AskAsync(ClusterMethods.Status, "{}"u8.ToArray(), _options.CallDeadline, cancellationToken));
        }
        catch (WireException)
        {
            return ClusterSnapshots.Of(_views.Current);
        }
    }

    /// <summary>
    /// Has a command done. A coordinator that is just being replaced is waited for: every command may be given twice without harm.
    /// </summary>
    private async Task<CommandAnswer> CommandAsync(CommandCall call, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return ClusterJson.Read<CommandAnswer>(await AskAsync(ClusterMethods.Command, ClusterJson.Write(call), _options.CommandDeadline, cancellationToken));
            }
            catch (WireException exception)
                when ((exception.IsUnsent || exception.Status is WireStatus.Unavailable or CoordinatorGate.NotHere) && _time.GetElapsedTime(began) < _options.CommandPatience)
            {
                await Task.Delay(_options.TickEvery, _time, cancellationToken);
            }
        }
    }

    /// <summary>Asks the coordinator; where the one known does not coordinate any more, the one that the store names.</summary>
    private async Task<ReadOnlyMemory<byte>> AskAsync(string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var known = _views.Coordinator;
        if (known is not null)
        {
            try
            {
                return await CallAsync(known, method, question, deadline, cancellationToken);
            }
            catch (WireException exception) when (exception.IsUnsent || exception.Status == CoordinatorGate.NotHere)
            {
            }
        }

        await RefreshAsync("no coordinator answers", cancellationToken);
        return _views.Coordinator is { IsAlive: true } coordinator
            ? await CallAsync(coordinator, method, question, deadline, cancellationToken)
            : throw new WireException(WireStatus.Unavailable, "the cluster has no coordinator now; it will have one within seconds");
    }

    private async Task RefreshAsync(string reason, CancellationToken cancellationToken)
    {
        try
        {
            await _views.RefreshAsync(cancellationToken);
        }
        catch (CoordinationException exception)
        {
            throw new WireException(WireStatus.Unavailable, $"{reason}, and the coordination store cannot be read: {exception.Message}", exception);
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> CallAsync(
        CoordinatorSight coordinator, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken) =>
        ReplicaProtocol.TryParse(coordinator.Id, out var id)
            ? _calls.CallAsync(id, method, question, deadline, cancellationToken)
            : throw new WireException(WireStatus.Unavailable, $"the coordinator is named '{coordinator.Id}'");
}
