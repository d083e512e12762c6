using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// What the coordinator does at the store, beside its actor: each piece of work ends with a message to the actor. One at a time for each node, and for each
/// partition: what is asked for meanwhile is left out, and decided anew. Its methods are called on the actor.
/// </summary>
internal sealed partial class CoordinatorWork(CoordinatorParts parts, BackgroundTasks tasks, Action<CoordinatorMessage> post)
{
    private readonly ILogger<CoordinatorWork> _logger = parts.Loggers.CreateLogger<CoordinatorWork>();
    private readonly ClusterStoreReader _reader = new(parts.Store, parts.Metrics, parts.Time, parts.Loggers.CreateLogger<ClusterStoreReader>());
    private readonly NodeRecords _records = new(parts.Store);
    private readonly PlacementStore _placement = new(parts.Store);
    private readonly PartitionTable _table = new(parts.Store);
    private readonly HashSet<string> _nodes = [];
    private readonly HashSet<PartitionId> _partitions = [];

    /// <summary>Reads the leases, and records, table and placement behind them.</summary>
    public void Read(long now, bool withTable) => tasks.Run(async cancellationToken =>
    {
        IReadOnlyList<LeaseSight>? leases = null;
        TableReading? table = null;
        try
        {
            leases = await _reader.ReadLeasesAsync(cancellationToken);
            if (withTable)
            {
                table = new TableReading(
                    await _reader.ReadRecordsAsync(cancellationToken), await _reader.ReadEntriesAsync(cancellationToken), await _placement.LoadAsync(cancellationToken));
            }
        }
        catch (CoordinationException exception)
        {
            LogUnreadable(_logger, exception.Message);
        }

        post(new LeasesMessage(leases, now));
        if (withTable)
        {
            post(new TableMessage(table, now));
        }
    });

    public void Activate(Activate activate) => ForNode(activate.Node, async cancellationToken =>
    {
        var record = await _records.SetStateAsync(activate.Node, NodeState.Active, activate.Lease, cancellationToken);
        LogActivated(_logger, activate.Node, record?.State);
        return new RecordMessage(activate.Node, record);
    });

    public void ReadRecord(string node) =>
        ForNode(node, async cancellationToken => new RecordMessage(node, await _reader.ReadRecordAsync(node, cancellationToken)));

    public void Forget(ForgetNode forget) =>
        ForNode(forget.Node, async cancellationToken => new ForgottenMessage(forget.Node, await _records.DeleteAsync(forget.Node, forget.Lease, cancellationToken)));

    public void ReadEntry(PartitionId partition) => ForPartition(
        partition,
        async cancellationToken => new EntryMessage(partition, await _table.GetAsync(partition, cancellationToken) is { } found ? EntrySight.Checked(found.Entry) : null),
        new EntryMessage(partition, null));

    /// <summary>Replaces a primary. False: other work for the partition is under way, and this is left out.</summary>
    public bool Replace(ReplacePrimary replace) => ForPartition(
        replace.Partition,
        async cancellationToken =>
        {
            if (await _table.GetAsync(replace.Partition, cancellationToken) is not { } found)
            {
                return new ReplacedMessage(replace.Partition, replace.Proposed.Term, null, IsReplaced: false);
            }

            var there = EntrySight.Checked(found.Entry);
            var written = there.Version == replace.ExpectedVersion
                ? await _table.TryPutAsync(replace.Partition, replace.Proposed.ToDocument(), found.Document, cancellationToken)
                : null;
            return new ReplacedMessage(replace.Partition, replace.Proposed.Term, written ?? there, written is not null);
        },
        new ReplacedMessage(replace.Partition, replace.Proposed.Term, null, IsReplaced: false));

    /// <summary>The message about a node has come: the next piece of work for it may begin.</summary>
    public void Done(string node) => _nodes.Remove(node);

    /// <summary>The message about a partition has come.</summary>
    public void Done(PartitionId partition) => _partitions.Remove(partition);

    private void ForNode(string node, Func<CancellationToken, Task<CoordinatorMessage>> work)
    {
        if (_nodes.Add(node))
        {
            tasks.Run(cancellationToken => RunAsync($"the record of node {node}", work, new RecordMessage(node, null), cancellationToken));
        }
    }

    private bool ForPartition(PartitionId partition, Func<CancellationToken, Task<CoordinatorMessage>> work, CoordinatorMessage failed)
    {
        if (!_partitions.Add(partition))
        {
            return false;
        }

        tasks.Run(cancellationToken => RunAsync($"the entry of partition {partition}", work, failed, cancellationToken));
        return true;
    }

    private async Task RunAsync(string what, Func<CancellationToken, Task<CoordinatorMessage>> work, CoordinatorMessage failed, CancellationToken cancellationToken)
    {
        var done = failed;
        try
        {
            done = await work(cancellationToken);
        }
        catch (CoordinationException exception)
        {
            parts.Metrics.StoreFailed();
            LogFailed(_logger, what, exception.Message);
        }
        finally
        {
            post(done);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The coordinator cannot read the coordination store: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The coordinator cannot read or change {What}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string what, string reason);

    [LoggerMessage(3, LogLevel.Information, "Node {Node} is known to all others and is {State} now")]
    private static partial void LogActivated(ILogger logger, string node, NodeState? state);
}
