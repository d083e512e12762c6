using System.Diagnostics.CodeAnalysis;
using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Ingester.Remote;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// Keeps this node's partitions running: opens them, and replaces all of them when their journal has failed. While a new set recovers from disk the
/// old heads, which hold everything acknowledged, answer reads; writes are told to try again. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer: nothing to dispose.")]
internal sealed partial class PartitionHost(PartitionHostParts parts, Func<Action<Exception>, PartitionEnvironment> environments)
    : IPartitionAppends, ILocalPartitions
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly object _gate = new();
    private volatile PartitionSet? _current;
    private volatile string _state = "starting";
    private Task _replacing = Task.CompletedTask;
    private bool _isReplacing;

    /// <summary>Whether the partitions have been recovered and take writes.</summary>
    public bool IsReady => _current is not null && _state.Length == 0;

    /// <summary>The present set, or null before the first recovery.</summary>
    public PartitionSet? Current => _current;

    /// <summary>Recovers the partitions; throws where the disk does not let it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _current = await OpenAsync(cancellationToken);
        await OpenedAsync(_current, cancellationToken);
        lock (_gate)
        {
            _state = _isReplacing ? _state : string.Empty;
        }

        LogReady(parts.Logger, _current.Count);
    }

    /// <inheritdoc/>
    public void Append(PartitionId partition, AppendRequest request)
    {
        if (_state.Length == 0 && _current?.GetOrAdd(partition) is { } handle)
        {
            handle.Append(request);
        }
        else
        {
            request.Fail(new PartitionMovingException($"the ingester is {(_state.Length == 0 ? "closing" : _state)}"));
        }
    }

    /// <inheritdoc/>
    public bool TryAppend(PartitionId partition, AppendRequest request, out PartitionEntry? knownEntry)
    {
        knownEntry = EntryOf(partition);
        if (knownEntry is not null && knownEntry.Primary != parts.Node)
        {
            return false;
        }

        Append(partition, request);
        return true;
    }

    /// <inheritdoc/>
    public PartitionEntry? EntryOf(PartitionId partition) => _current?.Find(partition)?.Log.KnownEntry;

    /// <summary>
    /// Whether what was read from a partition's state holds for the whole cluster: evaluated after it was read, true says that nobody can have acknowledged anything
    /// before that the state lacked. False for a set of partitions that has been replaced. Any thread.
    /// </summary>
    public bool SpeaksFor(PartitionHandle handle) => ReferenceEquals(_current?.Find(handle.Partition), handle) && handle.MayAnswer;

    /// <summary>
    /// A read of all partitions' heads; which of them may be read each says itself (<see cref="PartitionHandle.Unreadable"/>). Throws
    /// <see cref="Common.Contracts.PartitionUnavailableException"/> before the first recovery.
    /// </summary>
    public PartitionRead BeginRead()
    {
        while (_current is { } set)
        {
            if (set.TryBeginRead() is { } number)
            {
                return new PartitionRead(set, number);
            }
        }

        throw new Common.Contracts.PartitionUnavailableException("the ingester is starting: recent samples are being recovered", null);
    }

    /// <summary>Stops the partitions with a checkpoint each and closes the journal.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        Task replacing;
        lock (_gate)
        {
            _state = "closing";
            _isReplacing = true;
            replacing = _replacing;
        }

        await _stopping.CancelAsync();
        await replacing;
        if (_current is { } set)
        {
            await set.CloseAsync(patience);
            _current = null;
            set.Retire();
        }
    }

    private Task<PartitionSet> OpenAsync(CancellationToken cancellationToken) => Task.Run(
        () => PartitionSet.OpenAsync(environments(JournalFailed), parts.Logs, parts.Links(), parts.Node, parts.JournalMetrics, parts.Actors, cancellationToken),
        cancellationToken);

    private async Task OpenedAsync(PartitionSet set, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(parts.OpenPatience);
        await set.OpenedAsync(patience.Token);
    }

    private void JournalFailed(Exception reason)
    {
        lock (_gate)
        {
            if (_isReplacing || _current is null)
            {
                // A set whose journal fails while it is being taken into use says so again with the next tick.
                return;
            }

            _isReplacing = true;
            _state = "recovering from a failure of its journal";
            LogJournalFailed(parts.Logger, reason);
            _replacing = Task.Run(ReplaceAsync);
        }
    }

    private async Task ReplaceAsync()
    {
        var old = _current!;
        old.StopWithoutCheckpoint();
        try
        {
            await old.CloseAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            LogNotClosed(parts.Logger, e);
        }

        for (var pause = TimeSpan.FromMilliseconds(100); !_stopping.IsCancellationRequested; pause = Min(pause * 2, TimeSpan.FromSeconds(30)))
        {
            try
            {
                var opened = await OpenAsync(_stopping.Token);
                lock (_gate)
                {
                    _current = opened;
                    if (!_stopping.IsCancellationRequested)
                    {
                        _isReplacing = false;
                        _state = string.Empty;
                    }
                }

                old.Retire();
                LogReady(parts.Logger, opened.Count);
                return;
            }
            catch (Exception e)
            {
                // Whatever it is: giving up would leave the node without writes for ever.
                LogNotOpened(parts.Logger, e);
            }

            try
            {
                await Task.Delay(pause, parts.Time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(1, LogLevel.Information, "{Partitions} partitions recovered; taking writes")]
    private static partial void LogReady(ILogger logger, int partitions);

    [LoggerMessage(2, LogLevel.Error, "The journal failed; recovering from disk")]
    private static partial void LogJournalFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The failed journal could not be closed")]
    private static partial void LogNotClosed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "The journal could not be reopened; trying again")]
    private static partial void LogNotOpened(ILogger logger, Exception exception);
}

/// <summary>What <see cref="PartitionHost"/> works with.</summary>
internal sealed record PartitionHostParts
{
    public required ReplicatedLogsOptions Logs { get; init; }

    /// <summary>Links of a new set of logs with table, cluster and other nodes.</summary>
    public required Func<ReplicatedLogsLinks> Links { get; init; }

    /// <summary>How long a start waits for the partitions that this node leads to open; then it goes on without them.</summary>
    public TimeSpan OpenPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Name of this node in the partition table.</summary>
    public required string Node { get; init; }

    public required JournalMetrics JournalMetrics { get; init; }

    public required ActorSystem Actors { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}

/// <summary>A read under way: keeps the heads from being freed until it is disposed.</summary>
internal sealed class PartitionRead(PartitionSet set, long number) : IDisposable
{
    private int _ended;

    /// <summary>The partitions.</summary>
    public IEnumerable<PartitionHandle> Partitions => set.Partitions;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            set.EndRead(number);
        }
    }
}
