using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// The one log of a disk, shared by all partitions of a node. Records of all of them wait together and become durable together: one write and one
/// sync per commit round, by one thread; while it syncs a round the next one fills. Each round's header says up to where the journal had been synced
/// before, so that a torn tail (cut) can be told from damage to what was durable (reported). Format: docs/formats/journal.md.
/// A write or sync that fails ends the use of the journal until it has been opened anew; a full disk alone does not: the round is taken back.
/// Thread-safe.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>Longest payload of a record, bytes.</summary>
    public const int MaxPayload = 64 << 20;

    // One fills while one is written; more are kept only while a burst lasts.
    private const int SpareRounds = 2;

    private readonly JournalOptions _options;
    private readonly JournalWriter _writer;
    private readonly JournalSegments _segments;
    private readonly TimeProvider _time;
    private readonly IDisk _disk;
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<RoundBuffer> _full = new();
    private readonly Stack<RoundBuffer> _spare = new();
    private RoundBuffer _active = new();
    private long _pending;
    private bool _syncDue;
    private bool _stopping;
    private bool _abandoned;
    private readonly HashSet<int> _broken = [];
    private Exception? _failure;
    private volatile bool _low;

    private Journal(IDisk disk, JournalOptions options, JournalMetrics metrics, TimeProvider time, JournalScan scan)
    {
        _disk = disk;
        _options = options;
        _time = time;
        Recovery = scan.Recovery;
        _segments = new JournalSegments(disk, options.Directory, scan, metrics);
        _writer = new JournalWriter(disk, options, metrics, time, _segments, scan.End);
        if (scan.Segments.Count == 0)
        {
            _writer.CreateFirst();
        }

        CheckSpace();
        var period = options.Sync == JournalSync.Interval && options.SyncInterval < options.SpaceCheckInterval ? options.SyncInterval : options.SpaceCheckInterval;
        _timer = time.CreateTimer(static state => ((Journal)state!).Tick(), this, period, period);
        _thread = new Thread(Run) { Name = "journal", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What opening found.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>Identity of the journal's files.</summary>
    public UInt128 Id => _segments.JournalId;

    /// <summary>Why the journal takes nothing more, or null.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }
    }

    /// <summary>Bytes that wait to be written.</summary>
    public long PendingBytes => Volatile.Read(ref _pending);

    /// <summary>Less than the reserve is free: only records that free space are taken.</summary>
    public bool IsBelowReserve => _low;

    /// <summary>Opens the journal of a directory, which is created where absent; cuts a torn tail. Damage does not fail: see <see cref="Recovery"/>.</summary>
    public static Journal Open(IDisk disk, JournalOptions options, JournalMetrics metrics, TimeProvider time)
    {
        disk.CreateDirectory(options.Directory);
        var scan = JournalScan.Run(disk, options.Directory);
        if (scan.Recovery.TornBytes > 0)
        {
            metrics.TornTail(scan.Recovery.TornBytes);
        }

        return new Journal(disk, options, metrics, time, scan);
    }

    /// <summary>
    /// Takes a record (its bytes are copied) and returns its checksum. <paramref name="completion"/> is told when it is durable. Throws
    /// <see cref="JournalFailedException"/>, <see cref="JournalOverloadedException"/> or <see cref="DiskFullException"/>; then nothing was taken.
    /// </summary>
    public uint Append(PartitionId partition, long term, long seq, RecordKind kind, ReadOnlySpan<byte> payload, IJournalCompletion completion)
    {
        if (Refusal(kind, JournalFormat.RecordHeaderLength + payload.Length) is { } refusal)
        {
            throw refusal;
        }

        return AppendAdmitted(partition, term, seq, kind, payload, completion);
    }

    /// <summary>
    /// As <see cref="Append"/> for a record that <see cref="Refusal"/> had no objection to, or that must be taken whatever waits.
    /// Throws <see cref="JournalFailedException"/>, or <see cref="DiskFullException"/> where an earlier record of the partition was refused, until <see cref="GoOn"/>.
    /// </summary>
    public uint AppendAdmitted(PartitionId partition, long term, long seq, RecordKind kind, ReadOnlySpan<byte> payload, IJournalCompletion completion)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        Span<byte> header = stackalloc byte[JournalFormat.RecordHeaderLength];
        var crc = JournalFormat.WriteRecordHeader(header, partition.Value, term, seq, kind, payload);
        lock (_gate)
        {
            if (_failure is not null || _stopping)
            {
                throw new JournalFailedException(_failure is null ? "the journal is closed" : $"the journal has failed: {_failure.Message}", _failure);
            }

            if (_broken.Count > 0 && _broken.Contains(partition.Value))
            {
                throw new DiskFullException($"a record of partition {partition} was refused by a full disk: its log has to go on behind what is durable", null);
            }

            var size = header.Length + payload.Length;
            if (_active.Waiters.Count > 0 && _active.Length + size > _options.MaxRoundBytes)
            {
                _full.Enqueue(_active);
                _active = _spare.TryPop(out var spare) ? spare : new RoundBuffer();
            }

            _active.Add(header, payload, new RoundBuffer.Waiter(completion, partition, term, seq, kind));
            Volatile.Write(ref _pending, _pending + size);
            Monitor.Pulse(_gate);
        }

        return crc;
    }

    /// <summary>A reader of what has been written so far. Segments it has not reached yet must not be released meanwhile.</summary>
    public JournalReader OpenReader() => new(_disk, _segments.Parts());

    /// <summary>
    /// A reader of what has been written so far of the partition's records from <paramref name="seq"/> on; records of others, older ones, and ones that were
    /// cut back since come with them. They must not be released meanwhile.
    /// </summary>
    public JournalReader OpenReader(PartitionId partition, long seq) => new(_disk, _segments.PartsFrom(partition.Value, seq));

    /// <summary>Whether the note of the partition's term need not be written again for older segments to go.</summary>
    public bool HasRecentTerm(PartitionId partition) => _segments.HasRecentTerm(partition.Value);

    /// <summary>The partition's term is known from elsewhere: no segment is kept for its note any more.</summary>
    public void ForgetTerm(PartitionId partition) => _segments.ForgetTerm(partition.Value);

    /// <summary>Whether so little room is left that only the reserve is used: what is new belongs elsewhere. Any thread.</summary>
    public bool IsLow => _low;

    /// <summary>Why a record of that size would not be taken now, or null. What is admitted by this may exceed <see cref="JournalOptions.MaxPendingBytes"/> a little.</summary>
    public IOException? Refusal(RecordKind kind, int bytes)
    {
        if (_low && !MayUseReserve(kind))
        {
            return new DiskFullException($"less than {_options.ReserveBytes} bytes are free for {_options.Directory}", null);
        }

        lock (_gate)
        {
            return _failure is not null || _stopping ? new JournalFailedException(_failure is null ? "the journal is closed" : $"the journal has failed: {_failure.Message}", _failure)
                : _pending + bytes > _options.MaxPendingBytes && _pending > 0 ? new JournalOverloadedException($"{_pending} bytes wait to be written to the journal")
                : null;
        }
    }

    /// <summary>
    /// All that a full disk refused of the partition is known to its owner, which goes on behind what is durable: its records are taken again.
    /// </summary>
    public void GoOn(PartitionId partition)
    {
        lock (_gate)
        {
            _broken.Remove(partition.Value);
        }
    }

    /// <summary>
    /// Records of the partition up to <paramref name="seq"/> are held by a durable checkpoint. Deletes the oldest segments that nobody needs
    /// any more; returns how many. Does I/O.
    /// </summary>
    public int Release(PartitionId partition, long seq) => _segments.Release(partition.Value, seq);

    /// <summary>The partition whose unreleased records keep the oldest segment, or null: checkpoint it to get the space back.</summary>
    public PartitionId? OldestHolder() => _segments.OldestHolder();

    /// <summary>Writes and syncs what waits, notes the clean stop, closes.</summary>
    public void Dispose() => Stop(abandon: false);

    /// <summary>Stops at once, as a crash would: what waits is not written and no clean stop is noted.</summary>
    public void Abandon() => Stop(abandon: true);

    private static bool MayUseReserve(RecordKind kind) => kind is RecordKind.Cut or RecordKind.Truncate or RecordKind.Delete || (byte)kind >= 64;

    private void Stop(bool abandon)
    {
        lock (_gate)
        {
            _abandoned |= abandon;
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _timer.Dispose();
        if (_thread != Thread.CurrentThread)
        {
            _thread.Join();
        }
    }

    private void Tick()
    {
        CheckSpace();
        lock (_gate)
        {
            if (_options.Sync == JournalSync.Interval)
            {
                _syncDue = true;
                Monitor.Pulse(_gate);
            }
        }
    }

    private void CheckSpace()
    {
        try
        {
            _low = _disk.FreeBytes(_options.Directory) < _options.ReserveBytes;
        }
        catch (IOException)
        {
            // An unanswered question does not stop the journal: a full disk shows in the next write.
        }
    }

    private void Run()
    {
        while (Next(out var round))
        {
            try
            {
                if (round is null)
                {
                    _writer.Sync();
                    continue;
                }

                var end = _writer.Write(round);
                if (Complete(round, end, null) is { } broken)
                {
                    Fail(broken, null);
                    break;
                }
            }
            catch (DiskFullException exception) when (round is not null && _writer.IsUsable)
            {
                _low = true;
                Refuse(exception, round);
            }
            catch (Exception exception)
            {
                Fail(exception, round);
                break;
            }
        }

        Close();
    }

    /// <summary>The next round to write; null asks for a sync alone. False: stop.</summary>
    private bool Next(out RoundBuffer? round)
    {
        lock (_gate)
        {
            while (true)
            {
                round = null;
                if (_abandoned)
                {
                    return false;
                }

                if (_full.TryDequeue(out round))
                {
                    return true;
                }

                if (_active.Waiters.Count > 0)
                {
                    round = _active;
                    _active = _spare.TryPop(out var spare) ? spare : new RoundBuffer();
                    return true;
                }

                if (_stopping)
                {
                    return false;
                }

                if (_syncDue)
                {
                    _syncDue = false;
                    return true;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Tells all who wait, each once; returns what one of them threw although it must not.</summary>
    private Exception? Complete(RoundBuffer round, JournalPosition end, Exception? error)
    {
        Exception? broken = null;
        foreach (var waiter in round.Waiters)
        {
            try
            {
                waiter.Completion.Completed(waiter.Partition, waiter.Term, waiter.Seq, end, error);
            }
            catch (Exception exception)
            {
                broken ??= exception;
            }
        }

        lock (_gate)
        {
            Volatile.Write(ref _pending, _pending - (round.Length - JournalFormat.RoundHeaderLength));
            round.Clear();
            if (_spare.Count < SpareRounds)
            {
                _spare.Push(round);
            }
            else
            {
                round.Release();
            }
        }

        return broken;
    }

    /// <summary>The disk is full: what waits is refused, and what follows of the same partitions, so that no log gets a hole.</summary>
    private void Refuse(DiskFullException exception, RoundBuffer current)
    {
        List<RoundBuffer> rounds;
        lock (_gate)
        {
            rounds = TakeWaiting(current);
            foreach (var waiter in rounds.SelectMany(static round => round.Waiters))
            {
                _broken.Add(waiter.Partition.Value);
            }
        }

        foreach (var round in rounds)
        {
            Complete(round, default, exception);
        }
    }

    private void Fail(Exception exception, RoundBuffer? current)
    {
        List<RoundBuffer> rounds;
        lock (_gate)
        {
            _failure = exception;
            rounds = TakeWaiting(current);
        }

        var error = new JournalFailedException($"the journal has failed: {exception.Message}", exception);
        foreach (var round in rounds)
        {
            Complete(round, default, error);
        }
    }

    private List<RoundBuffer> TakeWaiting(RoundBuffer? current)
    {
        List<RoundBuffer> rounds = current is null ? [] : [current];
        rounds.AddRange(_full);
        rounds.Add(_active);
        _full.Clear();
        _active = _spare.TryPop(out var spare) ? spare : new RoundBuffer();
        return rounds;
    }

    private void Close()
    {
        var failed = false;
        lock (_gate)
        {
            failed = _failure is not null;
        }

        if (_abandoned && !failed)
        {
            Fail(new OperationCanceledException("the journal was abandoned"), null);
        }

        try
        {
            _writer.Close(clean: !failed && !_abandoned);
        }
        catch (IOException exception)
        {
            lock (_gate)
            {
                _failure ??= exception;
            }
        }

        _segments.Close();
        lock (_gate)
        {
            foreach (var round in _spare)
            {
                round.Release();
            }

            _spare.Clear();
        }
    }
}
