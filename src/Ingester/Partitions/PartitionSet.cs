using System.Collections.Concurrent;
using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// All partitions of this node over one opened journal: made by recovery, then partitions are added as they are first written to. When the journal
/// fails, the whole set is replaced by one recovered from disk (<see cref="PartitionHost"/>). Thread-safe.
/// </summary>
internal sealed class PartitionSet
{
    private readonly ReplicatedLogs _logs;
    private readonly PartitionEnvironment _environment;
    private readonly ActorSystem _actors;
    private readonly ConcurrentDictionary<PartitionId, PartitionHandle> _partitions = new();
    private readonly object _gate = new();
    private readonly HeadReaders _readers = new();
    private volatile bool _closed;

    private PartitionSet(ReplicatedLogs logs, PartitionEnvironment environment, ActorSystem actors)
    {
        _logs = logs;
        _environment = environment;
        _actors = actors;
    }

    /// <summary>The partitions in use.</summary>
    public IEnumerable<PartitionHandle> Partitions => _partitions.Values;

    /// <summary>How many partitions are in use.</summary>
    public int Count => _partitions.Count;

    /// <summary>The logs of all partitions.</summary>
    public ReplicatedLogs Logs => _logs;

    /// <summary>Opens the journal and recovers every partition that has anything on disk; takes as long as that does.</summary>
    public static async Task<PartitionSet> OpenAsync(
        PartitionEnvironment environment, ReplicatedLogsOptions logs, ReplicatedLogsLinks links, string node, JournalMetrics metrics, ActorSystem actors,
        CancellationToken cancellationToken)
    {
        var started = environment.Time.GetTimestamp();
        var set = new PartitionSet(ReplicatedLogs.Open(environment.Disk, logs, links, node, metrics, environment.Time), environment, actors);
        var states = new Dictionary<PartitionId, PartitionState>();
        try
        {
            IReadOnlyList<ReplicatedLog> recovered;
            using (var lanes = new RecoveryLanes(System.Environment.ProcessorCount))
            {
                recovered = await set._logs.RecoverAsync(
                    partition =>
                    {
                        var state = set.NewState(partition);
                        state.BeginRecovery(lanes);
                        states.Add(partition, state);
                        return state;
                    },
                    cancellationToken);
            }

            foreach (var log in recovered)
            {
                states[log.Partition].EndRecovery();
                set._partitions[log.Partition] = set.Spawn(states[log.Partition], log);
            }
        }
        catch
        {
            set._logs.Dispose();
            foreach (var state in states.Values)
            {
                state.Dispose();
            }

            throw;
        }

        links.Create = partition => set.GetOrAdd(partition)?.Log;
        set._logs.Start();
        environment.Metrics.Recovered(environment.Time.GetElapsedTime(started));
        return set;
    }

    /// <summary>The partition, or null where nothing has been written to it.</summary>
    public PartitionHandle? Find(PartitionId partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>The partition, taken into use where it is not; null once the set is closed.</summary>
    public PartitionHandle? GetOrAdd(PartitionId partition)
    {
        if (_partitions.TryGetValue(partition, out var found))
        {
            return found;
        }

        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            if (!_partitions.TryGetValue(partition, out found))
            {
                var state = NewState(partition);
                found = Spawn(state, _logs.Get(partition, state));
                _partitions[partition] = found;
            }

            return found;
        }
    }

    /// <summary>
    /// Stops the partitions, each after what is in its mailbox, and closes the journal. The heads stay readable until <see cref="Retire"/>.
    /// </summary>
    public async Task CloseAsync(CancellationToken patience)
    {
        lock (_gate)
        {
            _closed = true;
        }

        await Task.WhenAll(_partitions.Values.Select(x => x.StopAsync(patience)));
        _logs.Dispose();
    }

    /// <summary>From now on partitions stop without a checkpoint: their heads are about to be rebuilt from disk.</summary>
    public void StopWithoutCheckpoint() => _environment.StopWithoutCheckpoint();

    /// <summary>Stops the journal at once, as a crash would.</summary>
    public void Abandon()
    {
        _environment.StopWithoutCheckpoint();
        _logs.Journal.Abandon();
    }

    /// <summary>The partition that keeps the oldest journal segment and should be checkpointed to free it, or null.</summary>
    public PartitionHandle? OldestHolder() => _logs.Journal.OldestHolder() is { } partition ? Find(partition) : null;

    /// <summary>Begins a read of the heads; null once they are about to go. Every number is given back by <see cref="EndRead"/>.</summary>
    public long? TryBeginRead() => _readers.TryBegin();

    /// <summary>Ends a read.</summary>
    public void EndRead(long number) => _readers.End(number);

    /// <summary>The closed set takes no more reads; the heads are freed when the last one has ended.</summary>
    public void Retire()
    {
        _readers.Close();
        _readers.Retire(FreeHeads);
    }

    /// <summary>The table's entry of a partition came with a view of the cluster.</summary>
    public void EntrySeen(PartitionId partition, PartitionEntry entry) => _logs.EntrySeen(partition, entry);

    /// <summary>Completes when every partition that this node leads takes writes, or has said why it cannot; at the latest when the patience ends.</summary>
    public async Task OpenedAsync(CancellationToken patience)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), _environment.Time);
        try
        {
            // Partitions of a closed set, whose journal has failed, no longer open.
            while (!_closed && _partitions.Values.Any(static x => x.IsOpening))
            {
                await timer.WaitForNextTickAsync(patience);
            }
        }
        catch (OperationCanceledException)
        {
            // They open when the table answers.
        }
    }

    private PartitionHandle Spawn(PartitionState state, ReplicatedLog log)
    {
        var options = new ActorOptions { Capacity = _environment.Options.MailboxLength, MaxRestarts = 0 };
        var actor = _actors.Spawn<PartitionMessage>("partition", state.Partition.ToString(), _ => new PartitionActor(state, log, _environment), options);
        state.Progressed = () => actor.TellUrgent(AdvanceMessage.Instance);

        // What happened before the mailbox was there waits to be taken in.
        actor.TellUrgent(AdvanceMessage.Instance);
        return new PartitionHandle(state, log, actor, _environment.Options);
    }

    private PartitionState NewState(PartitionId partition) =>
        new(partition, _environment.Resources, heads => _readers.Retire(() => heads.ToList().ForEach(static head => head.Dispose())));

    private void FreeHeads()
    {
        foreach (var partition in _partitions.Values)
        {
            partition.State.Dispose();
        }
    }
}
