using System.Globalization;
using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
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
/// On a backup the same actor does nothing but follow: records that the primary sends are applied as they become committed. Requests that come while
/// the log is being opened here wait for it a while; those for a partition that another node leads are sent back.
/// </para>
/// <para>
/// Failures. A log that stops taking appends (a later term, a round that could not be written): everything pending is forgotten, its requests are told
/// to try again. A log that refuses a record (overload, disk full): what has been staged no longer matches what will be committed, so appends are
/// refused until the pending ones are through, then staging starts over from the applied state. A record that cannot be applied, like any defect,
/// ends the actor until a restart. The heads stay readable but in that last case.
/// </para>
/// </summary>
internal sealed partial class PartitionActor : IActor<PartitionMessage>
{
    private readonly PartitionState _state;
    private readonly ReplicatedLog _log;
    private readonly PartitionEnvironment _environment;
    private readonly PartitionStager _stager;
    private readonly PartitionWaiters _waiters = new();
    private readonly HeldRequests _held;
    private readonly DeletionsUnderWay _deletions = new();
    private readonly string _tooFewAnswer;
    private bool _draining;
    private bool _wasOpen;
    private string? _toldRefusal;
    private long _checkpointed;

    public PartitionActor(PartitionState state, ReplicatedLog log, PartitionEnvironment environment)
    {
        _state = state;
        _log = log;
        _environment = environment;
        _stager = new PartitionStager(state, environment, _deletions);
        _held = new HeldRequests(environment.Time, environment.Options.OpenPatience);
        _tooFewAnswer = $"partition {state.Partition} is not available: too few of its replicas answer";
        state.LogClosed = LogClosed;
    }

    private PartitionId Partition => _state.Partition;

    /// <summary>Why the partition cannot be used on this node as it is, or null.</summary>
    private string? Refusal => _state.Damage ?? _log.Refusal;

    private bool CanAppend => _log.CanAppend && !_draining && _state.Damage is null;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(PartitionMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case AdvanceMessage:
                Advance();
                break;
            case CheckpointMessage checkpoint when TryCheckpoint() is { } failure:
                checkpoint.Fail(failure);
                break;
            case CheckpointMessage checkpoint:
                checkpoint.Reply.Set(true);
                break;
            case DescribeMessage describe:
                describe.Reply.Set(Describe(describe.WithDigest));
                break;
            case CutMessage cut when !_state.Parts.Any():
                cut.Reply.Set([]);
                break;
            default:
                Receive(message);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync(Exception? failure)
    {
        try
        {
            if (failure is null)
            {
                await FinishPendingAsync();
                if (_environment.CheckpointAtStop && _log.Applied.Seq > _checkpointed && Refusal is null)
                {
                    TryCheckpoint();
                }
            }
        }
        finally
        {
            _log.OwnerEnded(hasFailed: failure is not null);
            _waiters.Fail($"partition {Partition} is closing");
            _deletions.Fail($"partition {Partition} is closing");
            _held.Fail($"partition {Partition} is closing");
        }
    }

    private ReplicaDescription Describe(bool withDigest)
    {
        var at = _log.Applied;
        var role = _log.IsLeading ? "primary" : _log.KnownEntry?.InSync.Contains(_log.Self) == true ? "backup" : "learner";
        return new ReplicaDescription(
            Partition, role, at.Term, at.Seq, at.Crc.ToString("x8", CultureInfo.InvariantCulture), withDigest && _state.Damage is null ? HeadDigest.Of(_state) : null);
    }

    /// <summary>Messages that need an open log.</summary>
    private void Receive(PartitionMessage message)
    {
        if (CanAppend)
        {
            Handle(message);
        }
        else if (Refusal is { } refusal)
        {
            TellRefusal();
            message.Fail(new PartitionMovingException(refusal));
        }
        else if (_draining)
        {
            message.Fail(new IOException($"partition {Partition} could not log an earlier request and is recovering"));
        }
        else if (_log.IsLedElsewhere)
        {
            SendBack(message);
        }
        else if (_log.Trouble is { } trouble)
        {
            _log.Want(create: message is AppendRequest or DeleteTenantMessage);
            message.Fail(new PartitionMovingException($"partition {Partition} is not available: {trouble}"));
        }
        else if (_held.Count < _environment.Options.MailboxLength)
        {
            _held.Add(message);
            _log.Want(create: message is AppendRequest or DeleteTenantMessage);
        }
        else
        {
            message.Fail(new IOException($"partition {Partition} is being opened: {_held.Count} requests wait"));
        }
    }

    private void Handle(PartitionMessage message)
    {
        switch (message)
        {
            case AppendRequest append:
                Append(append);
                break;
            case DeleteTenantMessage delete:
                Delete(delete);
                break;
            case DeletionShownMessage shown:
                if (TryLog(_stager.StageShown(shown.Deletion), shown))
                {
                    _waiters.Add(_log.End, committed => Finish(shown, committed, () => shown.Reply.Set(true)));
                }

                break;
            case CutMessage cut:
                if (TryLog(_stager.StageCuts(cut.All), cut))
                {
                    _waiters.Add(_log.End, committed => Finish(cut, committed, () => cut.Reply.Set(_stager.Sealed())));
                }

                break;
            case TruncateMessage truncate:
                if (TryLog(_stager.StageTruncate(truncate.Generation, truncate.Ulid), truncate))
                {
                    _waiters.Add(_log.End, committed => Finish(truncate, committed, () => truncate.Reply.Set(true)));
                }

                break;
            default:
                throw new InvalidOperationException($"unknown message {message.GetType().Name}");
        }

        _waiters.Complete(_log.Applied.Seq);
    }

    private void SendBack(PartitionMessage message)
    {
        if (message is AppendRequest append)
        {
            append.Complete(new AppendResult(default, $"partition {Partition} is led by another node", MayMove: true, IsElsewhere: true));
        }
        else
        {
            message.Fail(new IOException($"partition {Partition} is led by another node"));
        }
    }

    private void Append(AppendRequest request)
    {
        if (_environment.Overload(_log.PendingBytes) is { } overload)
        {
            request.Complete(new AppendResult(default, $"partition {Partition}: {overload}"));
            return;
        }

        AnswerHeldByDeletions();
        if (_deletions.Includes(request.Tenant))
        {
            if (_deletions.HeldCount < _environment.Options.MailboxLength)
            {
                _deletions.Hold(request);
            }
            else
            {
                request.Fail(new IOException($"partition {Partition} is deleting tenant {request.Tenant}: {_deletions.HeldCount} requests wait"));
            }

            return;
        }

        if (TryLog(_stager.Stage(request, out var stored), request))
        {
            _waiters.Add(_log.End, request, stored);
            _waiters.Complete(_log.Applied.Seq);
        }
    }

    private void Delete(DeleteTenantMessage message)
    {
        var part = _state.Find(message.Tenant);
        if (part is null && !message.IsStored)
        {
            message.Reply.Set(null);
            return;
        }

        if (TryLog(_stager.StageDeletion(message.Tenant), message))
        {
            var series = part?.Head.SeriesCount ?? 0;
            _deletions.Begin(message.Tenant, _log.End);
            _waiters.Add(_log.End, committed => Finish(message, committed, () => message.Reply.Set(series)));
        }
    }

    /// <summary>Requests that waited for the deletion of their tenant.</summary>
    private void AnswerHeldByDeletions()
    {
        while (_deletions.TryTakeApplied(_log.Applied.Seq, out var tenant, out var held))
        {
            _stager.Deleted(tenant);
            for (var i = 0; i < held.Count; i++)
            {
                ReceiveTaken(held[i], held.Skip(i + 1));
            }
        }
    }

    /// <summary>Receives a request that was waiting. If that is the actor's end it is told so, as are those taken with it: nobody else knows of them any more.</summary>
    private void ReceiveTaken(PartitionMessage message, IEnumerable<PartitionMessage> others)
    {
        try
        {
            Receive(message);
        }
        catch (Exception exception)
        {
            message.Fail(exception);
            foreach (var other in others)
            {
                other.Fail(exception);
            }

            throw;
        }
    }

    /// <summary>Appends what was staged for a message; on failure the message has been answered.</summary>
    private bool TryLog(StagedRecords staged, PartitionMessage message)
    {
        try
        {
            foreach (ref readonly var record in staged.Records)
            {
                _log.Append(record.Kind, staged.Payload(record));
            }

            return true;
        }
        catch (IOException e)
        {
            _environment.Metrics.AppendRefused();
            var reason = $"partition {Partition}: {e.Message}";
            message.Fail(e is DiskFullException && _log.HasSuccessor ? new PartitionMovingException(reason) : new IOException(reason, e));
            _draining = true;
            Settle();
            return false;
        }
    }

    private void Advance()
    {
        _log.Advance();
        _waiters.Complete(_log.Applied.Seq);
        if (_log.JournalFailure is { } failure)
        {
            _environment.JournalFailed(failure);
        }

        Settle();
        AnswerHeldByDeletions();
        TellRefusal();
        if (_log.CanAppend && !_wasOpen)
        {
            _wasOpen = true;
            LogOpened(_environment.Logger, Partition, _log.Term);
        }

        AnswerHeld();
        Expire();
        if (_state.BytesSinceCheckpoint > _environment.Options.CheckpointBytes)
        {
            TryCheckpoint();
        }
    }

    /// <summary>Logs, once for each reason, why the partition cannot be used here: answers to requests name it too, but there may be none.</summary>
    private void TellRefusal()
    {
        var refusal = Refusal;
        if (refusal is not null && refusal != _toldRefusal)
        {
            LogRefusal(_environment.Logger, refusal);
        }

        _toldRefusal = refusal;
    }

    /// <summary>Requests that waited for the log to open, or to be found elsewhere.</summary>
    private void AnswerHeld()
    {
        while ((CanAppend || _log.IsLedElsewhere || _log.Refusal is not null) && _held.TryTake(out var message))
        {
            ReceiveTaken(message, others: []);
        }

        if (_held.Count > 0)
        {
            _log.Want(create: false);
            if (_log.Trouble is { } trouble)
            {
                _held.Fail($"partition {Partition} is not available: {trouble}");
            }
            else
            {
                _held.Expire($"partition {Partition} is not available: it is being opened");
            }
        }
    }

    /// <summary>Requests that the log does not commit in time: too few replicas answer. Their senders find another way.</summary>
    private void Expire()
    {
        var now = _environment.Time.GetTimestamp();
        _waiters.Expire(now, _tooFewAnswer);
        _deletions.Expire(now, _tooFewAnswer);
    }

    private void Settle()
    {
        if (_log.End != _log.Applied.Seq)
        {
            return;
        }

        _stager.Settled();
        if (_draining)
        {
            _state.DropStaged();
            _draining = false;
        }
    }

    /// <summary>The log takes no more appends: back to the applied _state.</summary>
    private void LogClosed(string reason)
    {
        _waiters.Complete(_log.Applied.Seq);
        _waiters.Fail(reason);
        _deletions.Fail(reason);
        _state.DropStaged();
        _stager.Settled();
        _draining = false;
        if (_wasOpen)
        {
            _wasOpen = false;
            _environment.Metrics.LogLost();
            LogLost(_environment.Logger, reason);
        }
    }

    /// <summary>Writes a checkpoint; why that failed is the result. The journal keeps what it would have held.</summary>
    private IOException? TryCheckpoint()
    {
        try
        {
            WriteCheckpoint();
            return null;
        }
        catch (IOException e)
        {
            _environment.Metrics.CheckpointFailed();
            LogCheckpointFailed(_environment.Logger, Partition, e);
            return e;
        }
    }

    private void WriteCheckpoint()
    {
        var started = _environment.Time.GetTimestamp();
        var header = _log.CheckpointHere();
        _state.CheckpointTried();
        if (Refusal is { } refusal)
        {
            // It would claim records that the heads lack, and the journal would let them go.
            throw new IOException($"no checkpoint is taken: {refusal}");
        }

        if (header.Seq == 0)
        {
            // There is nothing to keep, but the note of a term may keep segments of the journal.
            _log.Checkpointed(header);
            return;
        }

        using (var writer = new CheckpointWriter(_environment.Disk, _log.CheckpointPath, header))
        {
            _state.Save(writer);
            writer.Commit();
        }

        _log.Checkpointed(header);
        _checkpointed = header.Seq;
        _environment.Metrics.Checkpointed(_environment.Time.GetElapsedTime(started));
    }

    /// <summary>
    /// At a stop: waits until what is in the log has been committed, or has failed. Not for ever: the replicas that it takes may have stopped before.
    /// </summary>
    private async Task FinishPendingAsync()
    {
        // Not disposed: the journal may still be about to call it.
        var progress = new SemaphoreSlim(0);
        using var patience = new CancellationTokenSource(_environment.Options.StopPatience, _environment.Time);
        _state.Progressed = () => progress.Release();
        try
        {
            while (true)
            {
                Advance();
                if (_waiters.Count == 0 || !_log.CanAppend)
                {
                    break;
                }

                await progress.WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogNotFinished(_environment.Logger, Partition, _waiters.Count);
        }

        _state.Progressed = null;
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

    [LoggerMessage(2, LogLevel.Warning, "The log takes no more appends here: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition} could not write its checkpoint")]
    private static partial void LogCheckpointFailed(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "Partition {Partition} stops although {Requests} requests are not committed; they are told to try again")]
    private static partial void LogNotFinished(ILogger logger, PartitionId partition, int requests);

    [LoggerMessage(5, LogLevel.Error, "A partition cannot be used on this node as it is: {Reason}")]
    private static partial void LogRefusal(ILogger logger, string reason);
}
