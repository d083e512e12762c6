using System.Globalization;
using System.Runtime.ExceptionServices;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// All partition logs of a node: the journal they share, its incarnation, checkpoints and recovery, their clock, and the door for what other nodes say.
/// Order of calls: <see cref="Open"/>, then <see cref="RecoverAsync"/> once, then <see cref="Start"/>; <see cref="Get"/> for partitions that are new. A partition that
/// was never written to costs nothing.
/// </summary>
public sealed class ReplicatedLogs : IDisposable
{
    private readonly LogShellParts _parts;
    private readonly Dictionary<PartitionId, ReplicatedLog> _logs = [];
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stopping;
    private readonly ReplicatedLogsLinks _links;
    private ITimer? _timer;
    private volatile ReplicatedLog[] _all = [];

    private ReplicatedLogs(LogShellParts parts, ReplicatedLogsLinks links, CancellationTokenSource stopping)
    {
        _parts = parts;
        _links = links;
        _stopping = stopping;
    }

    /// <summary>The journal of the node.</summary>
    public Journal Journal => _parts.Journal;

    /// <summary>The logs there are. Any thread.</summary>
    public IReadOnlyList<ReplicatedLog> All => _all;

    /// <summary>Opens the journal and settles its incarnation.</summary>
    public static ReplicatedLogs Open(
        IDisk disk, ReplicatedLogsOptions options, ReplicatedLogsLinks links, string node, JournalMetrics metrics, TimeProvider time)
    {
        JournalSalvage.Finish(disk, options.Journal.Directory);
        var journal = Journal.Open(disk, options.Journal, metrics, time);
        var stopping = new CancellationTokenSource();
        try
        {
            var parts = new LogShellParts
            {
                Disk = disk,
                Journal = journal,
                Incarnation = LogIncarnation.Open(disk, options.Journal.Directory, journal.Recovery),
                Node = node,
                Table = new TableClient(links.Store, links.Learned),
                Options = options,
                Time = time,
                Transport = links.Transport,
                Protocol = links.Protocol,
                Reports = links.Reports,
                Stopping = stopping.Token,
            };
            return new ReplicatedLogs(parts, links, stopping);
        }
        catch
        {
            stopping.Dispose();
            journal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives up what a damaged journal and damaged checkpoints lost and puts the rest together (<c>--wal.salvage</c>), before <see cref="Open"/>. Old files are kept
    /// aside. Of a log that is the only replica the partitions open again; any other has to come back as a learner.
    /// </summary>
    public static SalvageReport Salvage(IDisk disk, ReplicatedLogsOptions options, JournalMetrics metrics, TimeProvider time)
    {
        JournalSalvage.Finish(disk, options.Journal.Directory);
        var checkpoints = new Dictionary<PartitionId, long>();
        foreach (var id in PartitionDirectories(disk, options))
        {
            checkpoints.Add(id, CheckpointSalvage.Run(disk, Path.Combine(options.PartitionsDirectory, id.ToString(), "checkpoint")));
        }

        var report = JournalSalvage.Run(
            disk, options.Journal, checkpoints, metrics, time, directory => LogIncarnation.Salvaged(disk, options.Journal.Directory, directory));
        JournalSalvage.Finish(disk, options.Journal.Directory);
        return report;
    }

    /// <summary>
    /// Brings back every partition that has a checkpoint or records: loads the checkpoints (several owners at once), then replays the records above
    /// them, one pass over the journal for all. Partitions that cannot be brought back whole are not fed; <see cref="ReplicatedLog.Refusal"/> says why, or the
    /// protocol brings them back from other replicas. <see cref="CoordinationException"/> where the table does not answer.
    /// </summary>
    public async Task<IReadOnlyList<ReplicatedLog>> RecoverAsync(Func<PartitionId, IPartitionLogOwner> owners, CancellationToken cancellationToken)
    {
        var ids = Journal.Recovery.Partitions.Concat(PartitionDirectories(_parts.Disk, _parts.Options)).Distinct().Order().ToList();
        _parts.Disk.CreateDirectory(_parts.Options.PartitionsDirectory);
        var entries = ids.Count > 0 ? await PartitionTable.AllAsync(_links.Store, cancellationToken) : [];
        var recoveries = ids.ToDictionary(static id => id, id => new PartitionRecovery(id, owners(id), _parts.SelfOf(0).Node, IsSole(entries.GetValueOrDefault(id))));
        Recover(recoveries);
        lock (_gate)
        {
            foreach (var recovery in recoveries.Values)
            {
                var recovered = recovery.Result;
                var log = new ReplicatedLog(_parts, recovery.Partition, recovery.Owner, recovered);
                _logs.Add(recovery.Partition, log);
                if (recovery.CheckpointSeq > 0 && recovered is { Refusal: null, MayHaveLost: false })
                {
                    Journal.Release(recovery.Partition, recovery.CheckpointSeq);
                }

                if (entries.TryGetValue(recovery.Partition, out var entry))
                {
                    log.Offer(entry);
                }
            }

            _all = [.. _logs.Values.OrderBy(static log => log.Partition)];
        }

        return _all;
    }

    /// <summary>The owners' mailboxes run: from now on time passes for the logs.</summary>
    public void Start() => _timer = _parts.Time.CreateTimer(static state => ((ReplicatedLogs)state!).Tick(), this, _parts.Options.Tick, _parts.Options.Tick);

    /// <summary>The log of a partition; <paramref name="owner"/> becomes its owner where it is new. Thread-safe.</summary>
    public ReplicatedLog Get(PartitionId partition, IPartitionLogOwner owner)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(partition, out var log))
            {
                var recovered = RecoveredLog.Empty(LogEpoch.Read(_parts.Disk, _parts.DirectoryOf(partition)), Journal.Recovery.MayHaveLost(partition, 0));
                log = new ReplicatedLog(_parts, partition, owner, recovered);
                _logs.Add(partition, log);
                _all = [.. _logs.Values.OrderBy(static log => log.Partition)];
            }

            return log;
        }
    }

    /// <summary>The log of a partition, or null where it is not in use. Thread-safe.</summary>
    public ReplicatedLog? Find(PartitionId partition)
    {
        lock (_gate)
        {
            return _logs.GetValueOrDefault(partition);
        }
    }

    /// <summary>An entry of the table came with a view of the cluster. Thread-safe.</summary>
    public void EntrySeen(PartitionId partition, PartitionEntry entry)
    {
        // A node that the table names as primary has to say so if it cannot be it, even if it has lost everything.
        (Find(partition) ?? (entry.Primary == _parts.Node ? _links.Create(partition) : null))?.Seen(entry);
    }

    /// <summary>Stops the clock and closes the journal cleanly. The partitions' owners must have stopped.</summary>
    public void Dispose()
    {
        _timer?.Dispose();

        // Not disposed: it has no timer, and what is under way may still look at it.
        _stopping.Cancel();
        Journal.Dispose();
    }

    /// <summary>The log that a message is for; one that a primary speaks to for the first time is made.</summary>
    internal ReplicatedLog? For(PartitionId partition, ReplicaMessage message) =>
        Find(partition) ?? (message is PromiseRequest ? _links.Create(partition) : null);

    /// <summary>Where the partition's files are.</summary>
    internal string DirectoryOf(PartitionId partition) => _parts.DirectoryOf(partition);

    private static IEnumerable<PartitionId> PartitionDirectories(IDisk disk, ReplicatedLogsOptions options)
    {
        foreach (var entry in disk.List(options.PartitionsDirectory))
        {
            if (entry.IsDirectory && int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return new PartitionId(id);
            }
        }
    }

    /// <summary>Whether nobody else can hold anything that was acknowledged: then all that is durable here counts.</summary>
    private bool IsSole(PartitionEntry? entry) => entry is null || (entry.InSync is [var only] && only.Node == _parts.Node);

    private void Recover(Dictionary<PartitionId, PartitionRecovery> recoveries)
    {
        try
        {
            Parallel.ForEach(recoveries.Values, recovery => recovery.LoadCheckpoint(_parts.Disk, _parts.CheckpointOf(recovery.Partition), Journal.Recovery));
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            // Callers tell an I/O failure, after which they try again, from a defect.
            ExceptionDispatchInfo.Throw(exception.InnerException);
        }

        using var reader = Journal.OpenReader();
        while (reader.Read())
        {
            recoveries[reader.Partition].Replay(reader);
        }
    }

    private void Tick()
    {
        foreach (var log in _all)
        {
            if (log.NeedsTicks)
            {
                log.Tell(Ticked.Instance);
            }

            log.AskReplacement();
        }
    }
}
