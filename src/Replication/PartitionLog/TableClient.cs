using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// The partition table as a log works with it: entries by version. A write whose outcome is not known is reported as that; the protocol reads back.
/// Thread-safe.
/// </summary>
internal sealed class TableClient(ICoordinationStore store, Action<PartitionId, PartitionEntry> learned)
{
    /// <summary>Replaces the entry of that version.</summary>
    public async Task<CasOutcome> SwapAsync(PartitionId partition, long expectedVersion, TableEntry proposed, CancellationToken cancellationToken)
    {
        var key = PartitionEntry.KeyOf(partition);
        CoordinationEntry? found;
        try
        {
            found = await store.GetAsync(key, cancellationToken);
        }
        catch (IOException)
        {
            // An earlier attempt of the same write may be under way: only reading back tells.
            return CasOutcome.Unknown;
        }

        if (found is null || PartitionEntry.Parse(found.Value.Span).Version != expectedVersion)
        {
            return CasOutcome.Conflict;
        }

        return await PutAsync(partition, proposed.ToDocument(), found, cancellationToken);
    }

    /// <summary>The entry, or null. <see cref="CoordinationException"/> where the store does not answer.</summary>
    public async Task<(PartitionEntry Entry, CoordinationEntry Document)?> ReadAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        var found = await store.GetAsync(PartitionEntry.KeyOf(partition), cancellationToken);
        if (found is null)
        {
            return null;
        }

        var entry = PartitionEntry.Parse(found.Value.Span);
        learned(partition, entry);
        return (entry, found);
    }

    /// <summary>Writes an entry over the document it was made from (null: there was none), of which it keeps what it does not know.</summary>
    public async Task<CasOutcome> PutAsync(PartitionId partition, PartitionEntry proposed, CoordinationEntry? replaced, CancellationToken cancellationToken)
    {
        try
        {
            var value = replaced is null ? proposed.Serialize() : proposed.SerializeOver(replaced.Value.Span);
            if (await store.PutIfAsync(PartitionEntry.KeyOf(partition), value, replaced?.Revision, cancellationToken) is null)
            {
                return CasOutcome.Conflict;
            }
        }
        catch (IOException)
        {
            return CasOutcome.Unknown;
        }

        learned(partition, proposed);
        return CasOutcome.Done;
    }
}
