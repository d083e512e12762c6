using Deucalion.Common.Actors;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Makes this node the coordinator while it holds the lease for it, which it tries to get only while no coordinator is heard. A coordinator that lost its
/// lease, or failed, is stopped; that another one has begun by then does no harm.
/// </summary>
internal sealed partial class CoordinatorElection : IAsyncDisposable
{
    private readonly CoordinatorParts _parts;
    private readonly CoordinatorGate _gate;
    private readonly ViewSync _sync;
    private readonly NodeMembership _membership;
    private readonly ActorSystem _actors;
    private readonly TimeSpan _timeToLive;
    private readonly ILogger<CoordinatorElection> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public CoordinatorElection(CoordinatorParts parts, CoordinatorGate gate, ViewSync sync, NodeMembership membership, ActorSystem actors)
    {
        _parts = parts;
        _gate = gate;
        _sync = sync;
        _membership = membership;
        _actors = actors;
        _timeToLive = parts.Options.LeaseTimeToLive ?? parts.Store.CoordinatorTimeToLive;
        _logger = parts.Loggers.CreateLogger<CoordinatorElection>();
    }

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Stops coordinating and gives the lease back, so that another node takes over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var options = _parts.Options;
        try
        {
            while (true)
            {
                var silence = _sync.Silence;
                if (silence >= options.CoordinatorPatience && _membership.IsHeld && await AcquireAsync() is { } lease)
                {
                    if (await CoordinateAsync(lease))
                    {
                        await Task.Delay(options.AbdicateFor, _parts.Time, _stopping.Token);
                    }
                }

                await Task.Delay(silence < options.ElectionHaste ? options.ElectionPause : options.LongestElectionPause, _parts.Time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private async Task<ICoordinationLease?> AcquireAsync()
    {
        try
        {
            return await _parts.Store.TryAcquireLeaseAsync(
                ClusterStoreReader.CoordinatorLease, ReplicaProtocol.NameOf(_parts.Self), _timeToLive, _stopping.Token);
        }
        catch (CoordinationException exception)
        {
            _parts.Metrics.StoreFailed();
            LogUnreachable(_logger, exception.Message);
            return null;
        }
    }

    /// <summary>Coordinates as long as it may. True: out of touch with the others, it lets one of them do it.</summary>
    private async Task<bool> CoordinateAsync(ICoordinationLease lease)
    {
        LogBegan(_logger, lease.FencingToken);

        // Under one lease the numbers of views only rise: one that begins anew, knowing nothing, needs another lease.
        var options = new ActorOptions { MaxRestarts = 0 };
        var abdicated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = _actors.Spawn<CoordinatorMessage>(
            "coordinator", "cluster", self => new CoordinatorActor(_parts, lease.FencingToken, () => abdicated.TrySetResult(), self), options);
        try
        {
            _gate.Actor = actor;
            await WaitAsync(lease, actor, abdicated.Task);
            if (abdicated.Task.IsCompleted)
            {
                LogAbdicated(_logger);
            }
        }
        finally
        {
            _gate.Actor = null;
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            try
            {
                await actor.StopAsync(now.Token);
            }
            catch (ActorStoppedException exception)
            {
                LogFailed(_logger, exception.Message);
            }

            await lease.DisposeAsync();
            LogEnded(_logger);
        }

        return abdicated.Task.IsCompleted;
    }

    /// <summary>Until the lease is lost, the actor gave up, another node had better do it, or this one stops.</summary>
    private async Task WaitAsync(ICoordinationLease lease, ActorRef<CoordinatorMessage> actor, Task abdicated)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var lost = lease.Lost.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), ended);
        using var stopped = _stopping.Token.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), ended);
        await Task.WhenAny(ended.Task, actor.Completion, abdicated);
    }

    [LoggerMessage(1, LogLevel.Information, "This node coordinates the cluster now (lease number {Token})")]
    private static partial void LogBegan(ILogger logger, long token);

    [LoggerMessage(2, LogLevel.Information, "This node does not coordinate the cluster any more")]
    private static partial void LogEnded(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "The coordinator of this node failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "This node coordinates the cluster but is out of touch with most others: it gives the lease back")]
    private static partial void LogAbdicated(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "No coordinator is heard, and the coordination store cannot be reached: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
