using Deucalion.Replication.Coordination;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Membership;

/// <summary>
/// This node's place in the cluster: it holds the lease <c>nodes/&lt;id&gt;</c> and keeps the record of the same name. A lease that was lost is taken
/// again; the node then joins anew. Thread-safe.
/// </summary>
public sealed partial class NodeMembership : IAsyncDisposable
{
    private readonly ICoordinationStore _store;
    private readonly MembershipOptions _options;
    private readonly TimeSpan _timeToLive;
    private readonly ClusterMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeMembership> _logger;
    private readonly string _key;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Action<bool>> _subscribers = [];
    private volatile NodeRecord _record;
    private volatile bool _isHeld;
    private Task _keeping = Task.CompletedTask;

    /// <summary>A place that is not taken yet. State and lease of <paramref name="self"/> do not matter.</summary>
    public NodeMembership(ICoordinationStore store, NodeRecord self, MembershipOptions options, ClusterMetrics metrics, TimeProvider time, ILogger<NodeMembership> logger)
    {
        _store = store;
        _options = options;
        _timeToLive = options.LeaseTimeToLive ?? store.RecommendedTimeToLive;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _key = NodeRecord.KeyOf(self.Id);
        _record = self with { State = NodeState.Joining, Lease = 0 };
    }

    /// <summary>What this node last wrote of itself. The state that others see is in the cluster view.</summary>
    public NodeRecord Record => _record;

    /// <summary>Whether the lease is held and the record written. False: others may take this node for dead.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>
    /// Asks to be told, on the thread that finds out and without delay, when the place was lost (false) and when it was taken again (true). Must not block.
    /// </summary>
    public void Subscribe(Action<bool> changed)
    {
        lock (_subscribers)
        {
            _subscribers.Add(changed);
        }
    }

    /// <summary>
    /// Takes the place, waiting for the lease of a process before this one to run out. <see cref="NodeIdInUseException"/> where another process keeps it
    /// alive; <see cref="VersionRefusedException"/> where the cluster cannot have this program; <see cref="CoordinationException"/> where the store cannot be
    /// reached.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await RequireVersionAsync(cancellationToken);
        var began = _time.GetTimestamp();
        ICoordinationLease? lease;
        while ((lease = await IsElsewhereAsync(cancellationToken) ? null : await AcquireAsync(cancellationToken)) is null)
        {
            if (_time.GetElapsedTime(began) > _timeToLive * _options.TakeOverPatience)
            {
                throw new NodeIdInUseException(_record.Id, await AddressOfHolderAsync(cancellationToken));
            }

            await Task.Delay(_options.RetryEvery, _time, cancellationToken);
        }

        try
        {
            await WriteAsync(lease, cancellationToken);
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }

        Held(lease);
        _keeping = Task.Run(() => KeepAsync(lease), CancellationToken.None);
    }

    /// <summary>Gives the lease back: others see at once that this node is gone. The record stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
    }

    private async Task KeepAsync(ICoordinationLease held)
    {
        ICoordinationLease? lease = held;
        try
        {
            while (true)
            {
                await WhenLostAsync(lease, _stopping.Token);
                Lost();
                await lease.DisposeAsync();
                lease = null;
                lease = await TakeAgainAsync(_stopping.Token);
                Held(lease);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        finally
        {
            _isHeld = false;
            _metrics.LeaseReleased();
            if (lease is not null)
            {
                await lease.DisposeAsync();
            }
        }
    }

    private static async Task WhenLostAsync(ICoordinationLease lease, CancellationToken cancellationToken)
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lease.Lost.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), lost);
        await lost.Task.WaitAsync(cancellationToken);
    }

    private async Task<ICoordinationLease> TakeAgainAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var isSaid = false;
        while (true)
        {
            try
            {
                if (await AcquireAsync(cancellationToken) is { } lease)
                {
                    if (await TryWriteAsync(lease, cancellationToken))
                    {
                        return lease;
                    }

                    await lease.DisposeAsync();
                }
                else if (!isSaid && _time.GetElapsedTime(began) > _timeToLive * _options.TakeOverPatience)
                {
                    isSaid = true;
                    LogTaken(_logger, _record.Id);
                }
            }
            catch (CoordinationException exception)
            {
                LogUnreachable(_logger, exception.Message);
            }

            await Task.Delay(_options.RetryEvery, _time, cancellationToken);
        }
    }

    /// <summary>
    /// Whether a process at another address has the lease. Stores may give a lease to a new process of the same owner at once, which is right for one
    /// that was killed and started again; with a copied data directory it would put out the other node.
    /// </summary>
    private async Task<bool> IsElsewhereAsync(CancellationToken cancellationToken)
    {
        var leases = await _store.LeasesAsync(_key, cancellationToken);
        return leases.Any(lease => lease.Name == _key && lease.IsAlive)
            && await AddressOfHolderAsync(cancellationToken) is { } address && address != _record.Address;
    }

    /// <summary>Before anything is changed.</summary>
    private async Task RequireVersionAsync(CancellationToken cancellationToken)
    {
        var leases = await _store.LeasesAsync(NodeRecord.KeyPrefix, cancellationToken);
        var alive = leases.Where(static lease => lease.IsAlive).Select(static lease => lease.Name).ToHashSet(StringComparer.Ordinal);
        var known = new List<NodeSight>();
        foreach (var document in await _store.ListAsync(NodeRecord.KeyPrefix, cancellationToken))
        {
            if (TryParse(document) is { } record)
            {
                known.Add(new NodeSight(record, alive.Contains(document.Key)));
            }
        }

        if (ClusterProtocol.Refusal(_record, known) is { } refusal)
        {
            throw new VersionRefusedException(refusal);
        }
    }

    private static NodeRecord? TryParse(CoordinationEntry document)
    {
        try
        {
            return NodeRecord.Parse(document.Value.Span);
        }
        catch (CoordinationException)
        {
            // Readers of the view tell about it.
            return null;
        }
    }

    private ValueTask<ICoordinationLease?> AcquireAsync(CancellationToken cancellationToken) =>
        _store.TryAcquireLeaseAsync(_key, _record.Id, _timeToLive, cancellationToken);

    private async Task<bool> TryWriteAsync(ICoordinationLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(lease, cancellationToken);
            return true;
        }
        catch (CoordinationException exception)
        {
            LogUnreachable(_logger, exception.Message);
            return false;
        }
    }

    /// <summary>Writes the record: joining, unless an operator told this node to leave.</summary>
    private async Task WriteAsync(ICoordinationLease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var known = await _store.GetAsync(_key, cancellationToken);
            var record = _record with { State = IsLeaving(known) ? NodeState.Leaving : NodeState.Joining, Lease = lease.FencingToken };
            if (await _store.PutIfAsync(_key, record.Serialize(), known?.Revision, cancellationToken) is not null)
            {
                _record = record;
                return;
            }
        }
    }

    private static bool IsLeaving(CoordinationEntry? known)
    {
        try
        {
            return known is not null && NodeRecord.Parse(known.Value.Span).State == NodeState.Leaving;
        }
        catch (CoordinationException)
        {
            // Whatever it was, it is replaced.
            return false;
        }
    }

    private async Task<string?> AddressOfHolderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _store.GetAsync(_key, cancellationToken) is { } known ? NodeRecord.Parse(known.Value.Span).Address : null;
        }
        catch (CoordinationException)
        {
            return null;
        }
    }

    private void Held(ICoordinationLease lease)
    {
        LogHeld(_logger, _record.Id, lease.FencingToken, _record.State);
        _isHeld = true;
        _metrics.LeaseHeld();
        Tell(true);
    }

    private void Lost()
    {
        _isHeld = false;
        _metrics.LeaseLost();
        LogLost(_logger, _record.Id);
        Tell(false);
    }

    private void Tell(bool isHeld)
    {
        Action<bool>[] subscribers;
        lock (_subscribers)
        {
            subscribers = [.. _subscribers];
        }

        foreach (var subscriber in subscribers)
        {
            subscriber(isHeld);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Id} has its lease (number {Token}) and is {State}")]
    private static partial void LogHeld(ILogger logger, string id, long token, NodeState state);

    [LoggerMessage(2, LogLevel.Warning, "Node {Id} lost its lease: others may take it for dead")]
    private static partial void LogLost(ILogger logger, string id);

    [LoggerMessage(3, LogLevel.Error, "The lease of node {Id} stays with somebody else: another process may run with a copy of this data directory")]
    private static partial void LogTaken(ILogger logger, string id);

    [LoggerMessage(4, LogLevel.Warning, "The coordination store cannot be reached for the lease of this node: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
