using System.Globalization;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Membership;

/// <summary>Reads leases, records and table from the store. A document that cannot be read is left out and told: it must not hide all others. Thread-safe.</summary>
internal sealed partial class ClusterStoreReader(ICoordinationStore store, ClusterMetrics metrics, TimeProvider time, ILogger<ClusterStoreReader> logger)
{
    /// <summary>Name of the coordinator's lease.</summary>
    public const string CoordinatorLease = "coordinator";

    private const string PartitionPrefix = "partitions/";

    /// <summary>Everything, in three requests. Leases come first: whoever is found without a record has not got far enough to matter.</summary>
    public async Task<ClusterStoreReading> ReadAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var leases = await CountedAsync(token => store.LeasesAsync(string.Empty, token), cancellationToken);
        var records = await ReadRecordsAsync(cancellationToken);
        var entries = await ReadEntriesAsync(cancellationToken);
        var alive = leases.Where(static lease => lease.IsAlive).ToDictionary(static lease => lease.Name, static lease => lease.FencingToken, StringComparer.Ordinal);
        var nodes = records.Select(record => NodeSight.Of(record, alive.TryGetValue(NodeRecord.KeyOf(record.Id), out var token) ? token : null)).ToList();
        return new ClusterStoreReading(began, nodes, entries, leases.FirstOrDefault(static lease => lease.Name == CoordinatorLease));
    }

    /// <summary>The leases of nodes, in one request.</summary>
    public ValueTask<IReadOnlyList<LeaseSight>> ReadLeasesAsync(CancellationToken cancellationToken) =>
        CountedAsync(token => store.LeasesAsync(NodeRecord.KeyPrefix, token), cancellationToken);

    /// <summary>The records of all nodes, in one request.</summary>
    public async Task<IReadOnlyList<NodeRecord>> ReadRecordsAsync(CancellationToken cancellationToken)
    {
        var records = new List<NodeRecord>();
        foreach (var document in await CountedAsync(token => store.ListAsync(NodeRecord.KeyPrefix, token), cancellationToken))
        {
            if (TryParse(document, static value => NodeRecord.Parse(value.Span), out var record) && document.Key == NodeRecord.KeyOf(record.Id))
            {
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>The record of one node, or null.</summary>
    public async Task<NodeRecord?> ReadRecordAsync(string id, CancellationToken cancellationToken) =>
        await CountedAsync(token => store.GetAsync(NodeRecord.KeyOf(id), token), cancellationToken) is { } document
            && TryParse(document, static value => NodeRecord.Parse(value.Span), out var record) && record.Id == id
                ? record
                : null;

    /// <summary>The partition table, in one request.</summary>
    public async Task<IReadOnlyList<(PartitionId Partition, PartitionEntry Entry)>> ReadEntriesAsync(CancellationToken cancellationToken)
    {
        var entries = new List<(PartitionId, PartitionEntry)>();
        foreach (var document in await CountedAsync(token => store.ListAsync(PartitionPrefix, token), cancellationToken))
        {
            if (int.TryParse(document.Key.AsSpan(PartitionPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && TryParse(document, static value => EntrySight.Checked(PartitionEntry.Parse(value.Span)), out var entry))
            {
                entries.Add((new PartitionId(id), entry));
            }
        }

        return entries;
    }

    private async ValueTask<T> CountedAsync<T>(Func<CancellationToken, ValueTask<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request(cancellationToken);
        }
        catch (CoordinationException)
        {
            metrics.StoreFailed();
            throw;
        }
    }

    private bool TryParse<T>(CoordinationEntry document, Func<ReadOnlyMemory<byte>, T> parse, out T parsed)
    {
        try
        {
            parsed = parse(document.Value);
            return true;
        }
        catch (CoordinationException exception)
        {
            LogDamaged(logger, document.Key, exception.Message);
            parsed = default!;
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Document {Key} of the coordination store is passed over: {Reason}")]
    private static partial void LogDamaged(ILogger logger, string key, string reason);
}
