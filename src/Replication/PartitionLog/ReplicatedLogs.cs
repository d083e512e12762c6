using System.Globalization;
using System.Runtime.ExceptionServices;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// All partition logs of a node: the journal they share, its incarnation, checkpoints and recovery. Order of calls: <see cref="Open"/>, then
/// <see cref="Recover"/> once, then <see cref="Get"/> for partitions that are new. A partition that was never written to costs nothing.
/// </summary>
public sealed class ReplicatedLogs : IDisposable
{
    private const string CheckpointName = "checkpoint";

    private readonly IDisk _disk;
    private readonly ReplicatedLogsOptions _options;
    private readonly LogIncarnation _incarnation;
    private readonly Dictionary<PartitionId, ReplicatedLog> _logs = [];
    private readonly object _gate = new();

    private ReplicatedLogs(IDisk disk, ReplicatedLogsOptions options, PartitionTable table, string node, Journal journal, LogIncarnation incarnation)
    {
        _disk = disk;
        _options = options;
        _incarnation = incarnation;
        Table = table;
        Journal = journal;
        Self = new ReplicaRef(node, incarnation.Current);
    }

    /// <summary>The journal of the node.</summary>
    public Journal Journal { get; }

    /// <summary>This node and the incarnation of its log.</summary>
    public ReplicaRef Self { get; }

    /// <summary>The partition table.</summary>
    internal PartitionTable Table { get; }

    /// <summary>Opens the journal and settles its incarnation.</summary>
    public static ReplicatedLogs Open(
        IDisk disk, ReplicatedLogsOptions options, ICoordinationStore store, string node, JournalMetrics metrics, TimeProvider time)
    {
        JournalSalvage.Finish(disk, options.Journal.Directory);
        var journal = Journal.Open(disk, options.Journal, metrics, time);
        try
        {
            var incarnation = LogIncarnation.Open(disk, options.Journal.Directory, journal.Recovery);
            return new ReplicatedLogs(disk, options, new PartitionTable(store), node, journal, incarnation);
        }
        catch
        {
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
            checkpoints.Add(id, SalvageCheckpoint(disk, CheckpointPath(options, id)));
        }

        var report = JournalSalvage.Run(
            disk, options.Journal, checkpoints, metrics, time, directory => LogIncarnation.Salvaged(disk, options.Journal.Directory, directory));
        JournalSalvage.Finish(disk, options.Journal.Directory);
        return report;
    }

    /// <summary>
    /// Brings back every partition that has a checkpoint or records: loads the checkpoints (several owners at once), then replays the records above
    /// them, one pass over the journal for all. Partitions that cannot be brought back whole have <see cref="ReplicatedLog.Refusal"/> set and are not fed.
    /// </summary>
    public IReadOnlyList<ReplicatedLog> Recover(Func<PartitionId, IPartitionLogOwner> owners)
    {
        var ids = Journal.Recovery.Partitions.Concat(PartitionDirectories(_disk, _options)).Distinct().Order().ToList();
        _disk.CreateDirectory(_options.PartitionsDirectory);
        var recoveries = new Dictionary<PartitionId, PartitionRecovery>();
        foreach (var id in ids)
        {
            recoveries.Add(id, new PartitionRecovery(id, owners(id)));
        }

        try
        {
            Parallel.ForEach(recoveries.Values, recovery => recovery.LoadCheckpoint(_disk, CheckpointPath(recovery.Partition), Journal.Recovery));
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            // Callers tell an I/O failure, after which they try again, from a defect.
            ExceptionDispatchInfo.Throw(exception.InnerException);
        }

        using (var reader = Journal.OpenReader())
        {
            while (reader.Read())
            {
                recoveries[reader.Partition].Replay(reader);
            }
        }

        lock (_gate)
        {
            foreach (var recovery in recoveries.Values)
            {
                _logs.Add(recovery.Partition, new ReplicatedLog(this, recovery.Partition, recovery.Owner, recovery.End, recovery.Refusal, false));
                if (recovery.CheckpointSeq > 0 && recovery.Refusal is null)
                {
                    Journal.Release(recovery.Partition, recovery.CheckpointSeq);
                }
            }

            return [.. _logs.Values.OrderBy(static log => log.Partition)];
        }
    }

    /// <summary>The log of a partition; <paramref name="owner"/> becomes its owner where it is new. Thread-safe.</summary>
    public ReplicatedLog Get(PartitionId partition, IPartitionLogOwner owner)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(partition, out var log))
            {
                log = new ReplicatedLog(this, partition, owner, LogPoint.Start, null, Journal.Recovery.MayHaveLost(partition, 0));
                _logs.Add(partition, log);
            }

            return log;
        }
    }

    /// <summary>Closes the journal cleanly. The partitions' owners must have stopped.</summary>
    public void Dispose() => Journal.Dispose();

    internal string CheckpointPath(PartitionId partition) => CheckpointPath(_options, partition);

    internal OpenFacts Facts(PartitionId partition, PartitionEntry? entry, LogPoint end, bool mayHaveLost) =>
        new(partition, Self.Node, _incarnation, _options.ReplicationFactor, entry, end, mayHaveLost);

    private static string CheckpointPath(ReplicatedLogsOptions options, PartitionId partition) =>
        Path.Combine(options.PartitionsDirectory, partition.ToString(), CheckpointName);

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

    /// <summary>Seq of a checkpoint that is whole; a damaged one is put aside.</summary>
    private static long SalvageCheckpoint(IDisk disk, string path)
    {
        try
        {
            using var reader = CheckpointReader.Open(disk, path);
            while (reader?.NextSection() == true)
            {
                // Reading verifies.
            }

            if (reader is not null)
            {
                disk.SyncDirectory(Path.GetDirectoryName(path)!);
            }

            return reader?.Header.Seq ?? 0;
        }
        catch (LogCorruptException)
        {
            disk.Rename(path, path + ".damaged");
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            return 0;
        }
    }
}
