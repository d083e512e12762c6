using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// The one writer of a partition; its messages are handled one at a time.
/// <para>
/// An append is staged against the tenant's head (what is applied plus what is pending), its records go to the log, and the actor turns to the
/// next message: requests gather in the log's next round while the last one syncs. When the log reports progress, committed records are
/// applied to the heads, and then every request is answered whose validation is covered: an answer waits for the end of the log as it stood when the
/// request was validated, even if it appended nothing, so that a repeated sample is not acknowledged before its first copy is durable.
/// </para>
/// <para>
/// Failures. A log that lost its place (a round that could not be written): everything pending is forgotten, its requests are told to try again, the
/// log is opened anew after a pause. A log that refuses a record (overload, disk full): what has been staged no longer matches what will be
/// committed, so appends are refused until the pending ones are through, then staging starts over from the applied state. A record that
/// cannot be applied, like any defect, ends the actor until a restart. The heads stay readable but in that last case.
/// </para>
/// </summary>
internal sealed partial class PartitionActor(PartitionState state, ReplicatedLog log, PartitionEnvironment environment) : IActor<PartitionMessage>
{
    private readonly PartitionStager _stager = new(state, environment);
    private readonly PartitionWaiters _waiters = new();
    private bool _draining;
    private long _checkpointed;
    private DateTimeOffset _openNotBefore;

    private PartitionId Partition => state.Partition;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(PartitionMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case AdvanceMessage:
                Advance();
                return ValueTask.CompletedTask;
            case AppendRequest append when CanAppend:
                Append(append);
                return ValueTask.CompletedTask;
            case CheckpointMessage checkpoint:
                WriteCheckpoint();
                checkpoint.Reply.Set(true);
                return ValueTask.CompletedTask;
            default:
                return ReceiveOpenedAsync(message, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync(Exception? failure)
    {
        if (failure is null)
        {
            await FinishPendingAsync();
            if (environment.CheckpointAtStop && log.Applied.Seq > _checkpointed && state.Damage is null && log.Refusal is null)
            {
                TryCheckpoint();
            }
        }

        _waiters.Fail($"partition {Partition} is closing");
    }

    private bool CanAppend => log.IsOpen && !_draining && state.Damage is null;

    /// <summary>Messages that need an open log.</summary>
    private async ValueTask ReceiveOpenedAsync(PartitionMessage message, CancellationToken cancellationToken)
    {
        if (message is CutMessage { } idle && !state.Parts.Any())
        {
            idle.Reply.Set([]);
            return;
        }

        if (await TryOpenAsync(cancellationToken) is { } refusal)
        {
            message.Fail(new IOException(refusal));
            return;
        }

        switch (message)
        {
            case AppendRequest append:
                Append(append);
                break;
            case CutMessage cut:
                if (TryLog(_stager.StageCuts(cut.All), cut))
                {
                    _waiters.Add(log.End, committed => Finish(cut, committed, () => cut.Reply.Set(_stager.Sealed())));
                }

                break;
            case TruncateMessage truncate:
                if (TryLog(_stager.StageTruncate(truncate.Tenant, truncate.Generation), truncate))
                {
                    _waiters.Add(log.End, committed => Finish(truncate, committed, () => truncate.Reply.Set(true)));
                }

                break;
            default:
                throw new InvalidOperationException($"unknown message {message.GetType().Name}");
        }

        _waiters.Complete(log.Applied.Seq);
    }

    private void Append(AppendRequest request)
    {
        if (environment.Overload(log.PendingBytes) is { } overload)
        {
            request.Complete(new AppendResult(default, $"partition {Partition}: {overload}"));
            return;
        }

        if (TryLog(_stager.Stage(request, out var stored), request))
        {
            _waiters.Add(log.End, request, stored);
            _waiters.Complete(log.Applied.Seq);
        }
    }

    /// <summary>Appends what was staged for a message; on failure the message has been answered.</summary>
    private bool TryLog(StagedRecords staged, PartitionMessage message)
    {
        try
        {
            foreach (ref readonly var record in staged.Records)
            {
                log.Append(record.Kind, staged.Payload(record));
            }

            return true;
        }
        catch (IOException e)
        {
            environment.Metrics.AppendRefused();
            message.Fail(new IOException($"partition {Partition}: {e.Message}", e));
            if (e is JournalFailedException || !log.IsOpen)
            {
                Lost(e);
            }
            else
            {
                _draining = true;
                Settle();
            }

            return false;
        }
    }

    private void Advance()
    {
        log.Advance();
        _waiters.Complete(log.Applied.Seq);
        if (!log.IsOpen && log.Failure is { } failure)
        {
            Lost(failure);
            return;
        }

        Settle();
        if (state.BytesSinceCheckpoint > environment.Options.CheckpointBytes)
        {
            TryCheckpoint();
        }
    }

    private void Settle()
    {
        if (log.End != log.Applied.Seq)
        {
            return;
        }

        _stager.Settled();
        if (_draining)
        {
            state.DropStaged();
            _draining = false;
        }
    }

    /// <summary>The log has lost its place: back to the applied state.</summary>
    private void Lost(Exception reason)
    {
        _waiters.Fail($"partition {Partition}: {reason.Message}");
        state.DropStaged();
        _stager.Settled();
        _draining = false;
        _openNotBefore = environment.Time.GetUtcNow() + environment.Options.ReopenDelay;
        environment.Metrics.LogLost();
        LogLost(environment.Logger, Partition, reason);
        if (reason is JournalFailedException || reason.InnerException is JournalFailedException)
        {
            environment.JournalFailed(reason);
        }
    }

    /// <summary>Opens the log where it is not; returns why it cannot be, or null.</summary>
    private async ValueTask<string?> TryOpenAsync(CancellationToken cancellationToken)
    {
        if (state.Damage is { } damage)
        {
            return damage;
        }

        if (_draining)
        {
            return $"partition {Partition} could not log an earlier request and is recovering";
        }

        if (log.IsOpen)
        {
            return null;
        }

        if (environment.Time.GetUtcNow() < _openNotBefore)
        {
            return $"partition {Partition} is not available: {log.Failure?.Message}";
        }

        try
        {
            await log.OpenAsync(cancellationToken);
            LogOpened(environment.Logger, Partition, log.Term);
            return null;
        }
        catch (IOException e)
        {
            Lost(e);
            return $"partition {Partition} is not available: {e.Message}";
        }
    }

    private void TryCheckpoint()
    {
        try
        {
            WriteCheckpoint();
        }
        catch (IOException e)
        {
            // The journal keeps what the checkpoint would have held.
            environment.Metrics.CheckpointFailed();
            LogCheckpointFailed(environment.Logger, Partition, e);
        }
    }

    private void WriteCheckpoint()
    {
        var started = environment.Time.GetTimestamp();
        var header = log.CheckpointHere();
        state.CheckpointTried();
        using (var writer = new CheckpointWriter(environment.Disk, log.CheckpointPath, header))
        {
            state.Save(writer);
            writer.Commit();
        }

        log.Checkpointed(header.Seq);
        _checkpointed = header.Seq;
        environment.Metrics.Checkpointed(environment.Time.GetElapsedTime(started));
    }

    /// <summary>At a stop: waits until what is in the log has been committed, or has failed.</summary>
    private async Task FinishPendingAsync()
    {
        // Not disposed: the journal may still be about to call it.
        var progress = new SemaphoreSlim(0);
        state.Progressed = () => progress.Release();
        while (true)
        {
            Advance();
            if (_waiters.Count == 0 || !log.IsOpen)
            {
                break;
            }

            await progress.WaitAsync();
        }

        state.Progressed = null;
    }

    private void Finish(PartitionMessage message, bool committed, Action answer)
    {
        if (committed)
        {
            answer();
        }
        else
        {
            message.Fail(new IOException($"partition {Partition} lost its log before the change was committed"));
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Partition {Partition} opened its log in term {Term}")]
    private static partial void LogOpened(ILogger logger, PartitionId partition, long term);

    [LoggerMessage(2, LogLevel.Warning, "Partition {Partition} lost its log")]
    private static partial void LogLost(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition} could not write its checkpoint")]
    private static partial void LogCheckpointFailed(ILogger logger, PartitionId partition, Exception exception);
}
