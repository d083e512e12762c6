using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// The log of one partition on its primary: the shell around <see cref="PrimaryState"/> that talks to the journal and the partition table.
/// Except where said, everything runs on the owner's mailbox, one call at a time. Life: recovered, then <see cref="OpenAsync"/> (a new term),
/// then appends; after <see cref="Failure"/> it can be opened again.
/// </summary>
public sealed class ReplicatedLog : IJournalCompletion
{
    private const int TermStartLength = 44;

    private readonly ReplicatedLogs _logs;
    private readonly IPartitionLogOwner _owner;
    private readonly PrimaryState _state;
    private readonly Queue<Pending> _pending = new();
    private readonly Queue<(long Seq, TaskCompletionSource Done)> _waiters = new();
    private readonly object _gate = new();
    private readonly bool _mayHaveLost;
    private TaskCompletionSource? _termStarted;
    private long _reportedTerm;
    private long _durableSeq;
    private Exception? _error;
    private bool _notified;

    internal ReplicatedLog(ReplicatedLogs logs, PartitionId partition, IPartitionLogOwner owner, LogPoint recovered, string? refusal, bool mayHaveLost)
    {
        _mayHaveLost = mayHaveLost;
        _logs = logs;
        _owner = owner;
        Partition = partition;
        Refusal = refusal;
        Applied = recovered;
        _state = new PrimaryState(recovered, recovered.Seq);
    }

    /// <summary>The partition.</summary>
    public PartitionId Partition { get; }

    /// <summary>Why recovery could not bring the partition back, or null.</summary>
    public string? Refusal { get; }

    /// <summary>Whether records can be appended.</summary>
    public bool IsOpen => _state.IsOpen;

    /// <summary>Why the log lost its place, null while it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The term in which records are appended.</summary>
    public long Term => _state.Term;

    /// <summary>Seq of the last record, committed or pending: what a request that is validated now has to wait for.</summary>
    public long End => _state.End.Seq;

    /// <summary>Highest committed seq.</summary>
    public long CommitIndex => _state.CommitIndex;

    /// <summary>Last record that the owner has been fed with.</summary>
    public LogPoint Applied { get; private set; }

    /// <summary>Bytes of records that are appended and not committed.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>
    /// Takes a new term and opens the log: entry read (created where the partition is new), compare-and-swap, term start durable. No other call may
    /// run beside it. <see cref="PartitionRefusedException"/> where it cannot be opened here; <see cref="IOException"/> where trying again helps.
    /// </summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_state.IsOpen)
        {
            return;
        }

        if (Refusal is not null)
        {
            throw new PartitionRefusedException(Refusal, null);
        }

        var entry = await TakeTermAsync(cancellationToken);
        var previous = _state.End;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _error = null;
            _notified = false;
            _reportedTerm = entry.Term;
            _durableSeq = 0;
            _termStarted = started;
        }

        Failure = null;
        _state.EnterTerm(entry);
        try
        {
            AppendCore(RecordKind.TermStart, TermStart(previous));
        }
        catch (IOException exception)
        {
            Lose(exception);
            throw;
        }

        // Not cancellable: the record is on its way, and the state must know what became of it.
        await started.Task;
        Advance();
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    /// <summary>
    /// Appends a record (bytes are copied) and returns its seq; it is applied once committed. Throws <see cref="LogLostException"/> if the log is not
    /// open, <see cref="Common.IO.DiskFullException"/>, <see cref="JournalOverloadedException"/> or <see cref="JournalFailedException"/>; then nothing was
    /// appended.
    /// </summary>
    public long Append(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (!_state.IsOpen)
        {
            throw Failure ?? new LogLostException($"partition {Partition} is not open", null);
        }

        return AppendCore(kind, payload);
    }

    /// <summary>Completes when everything up to seq has been committed and applied; fails with <see cref="LogLostException"/> when the place is lost before.</summary>
    public Task WaitCommittedAsync(long seq)
    {
        if (seq <= Applied.Seq)
        {
            return Task.CompletedTask;
        }

        if (!_state.IsOpen)
        {
            return Task.FromException(Failure ?? new LogLostException($"partition {Partition} is not open", null));
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue((seq, done));
        return done.Task;
    }

    /// <summary>Takes in what the journal reported: raises the commit index, applies what is committed, then answers those who waited for it.</summary>
    public void Advance()
    {
        long term, seq;
        Exception? error;
        lock (_gate)
        {
            _notified = false;
            (term, seq, error) = (_reportedTerm, _durableSeq, _error);
        }

        if (!_state.IsOpen)
        {
            return;
        }

        if (_state.Durable(_logs.Self, term, seq))
        {
            ApplyCommitted();
        }

        if (error is not null)
        {
            Lose(error);
        }
    }

    /// <summary>What a checkpoint of the state as it is now stands for.</summary>
    public CheckpointHeader CheckpointHere() =>
        new(Partition, Applied.Term, Applied.Seq, Applied.Crc, UInt128.Parse(_logs.Self.Incarnation, System.Globalization.NumberStyles.AllowHexSpecifier, null));

    /// <summary>Where the partition's checkpoint stands.</summary>
    public string CheckpointPath => _logs.CheckpointPath(Partition);

    /// <summary>A checkpoint with records up to seq is durable (committed): the journal may drop them. Does I/O. Any thread.</summary>
    public void Checkpointed(long seq) => _logs.Journal.Release(Partition, seq);

    /// <summary>The journal's report; on its thread.</summary>
    void IJournalCompletion.Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
    {
        TaskCompletionSource? started = null;
        var notify = false;
        lock (_gate)
        {
            if (term != _reportedTerm)
            {
                return;
            }

            if (error is not null)
            {
                _error ??= error;
            }
            else if (_error is null)
            {
                _durableSeq = seq;
            }

            if (_termStarted is not null)
            {
                started = _termStarted;
                _termStarted = null;
            }
            else
            {
                notify = !_notified;
                _notified = true;
            }
        }

        started?.TrySetResult();
        if (notify)
        {
            _owner.LogProgressed();
        }
    }

    private static LogLostException Lost(PartitionId partition, Exception reason) =>
        new($"partition {partition} lost its log: {reason.Message}", reason);

    private byte[] TermStart(LogPoint previous)
    {
        var payload = new byte[TermStartLength];
        BinaryPrimitives.WriteInt64LittleEndian(payload, _state.Term);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(8), previous.Term);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(16), previous.Seq);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(24), previous.Crc);
        Convert.FromHexString(_logs.Self.Incarnation).CopyTo(payload, 28);
        return payload;
    }

    private async Task<PartitionEntry> TakeTermAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await _logs.Table.GetAsync(Partition, cancellationToken);
            var decision = OpenDecision.Decide(_logs.Facts(Partition, found?.Entry, _state.End, _mayHaveLost));
            if (decision.Propose is not { } proposal)
            {
                throw new PartitionRefusedException(decision.Refusal!, null);
            }

            if (await _logs.Table.TryPutAsync(Partition, proposal, found?.Revision, cancellationToken) is { } written)
            {
                return written;
            }
        }
    }

    private long AppendCore(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var seq = _state.NextSeq();
        var crc = _logs.Journal.Append(Partition, _state.Term, seq, kind, payload, this);
        _state.Appended(crc);
        var kept = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(kept);
        _pending.Enqueue(new Pending(_state.End, kind, kept, payload.Length));
        PendingBytes += payload.Length;
        return seq;
    }

    private void ApplyCommitted()
    {
        while (_pending.TryPeek(out var record) && record.Point.Seq <= _state.CommitIndex)
        {
            if ((byte)record.Kind < 64)
            {
                _owner.Apply(record.Point.Seq, record.Kind, record.Bytes.AsSpan(0, record.Length));
            }

            Applied = record.Point;
            _pending.Dequeue();
            PendingBytes -= record.Length;
            ArrayPool<byte>.Shared.Return(record.Bytes);
        }

        while (_waiters.TryPeek(out var waiter) && waiter.Seq <= Applied.Seq)
        {
            _waiters.Dequeue();
            waiter.Done.TrySetResult();
        }
    }

    private void Lose(Exception reason)
    {
        // With one replica what is durable here is committed, and committed is applied: the log ends there.
        _state.Lose(Applied);
        Failure = Lost(Partition, reason);
        foreach (var record in _pending)
        {
            ArrayPool<byte>.Shared.Return(record.Bytes);
        }

        _pending.Clear();
        PendingBytes = 0;
        foreach (var (_, done) in _waiters)
        {
            done.TrySetException(Failure);
        }

        _waiters.Clear();
    }

    private readonly record struct Pending(LogPoint Point, RecordKind Kind, byte[] Bytes, int Length);
}
