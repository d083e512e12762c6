using System.Globalization;
using System.Security.Cryptography;
using Deucalion.Common.Identifiers;

namespace Deucalion.Replication.Coordination;

/// <summary>
/// Reads and changes entries of the partition table. A write whose outcome is unknown is read back: writer id and counter tell whether it took
/// effect. Thread-safe.
/// </summary>
public sealed class PartitionTable
{
    private readonly ICoordinationStore _store;
    private readonly string _writerId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private long _counter;

    /// <summary>The table in a store.</summary>
    public PartitionTable(ICoordinationStore store)
    {
        _store = store;
    }

    /// <summary>All entries that a store has, by rising partition. <see cref="CoordinationException"/> where it does not answer, or one cannot be read.</summary>
    public static async Task<SortedDictionary<PartitionId, PartitionEntry>> AllAsync(ICoordinationStore store, CancellationToken cancellationToken)
    {
        var entries = new SortedDictionary<PartitionId, PartitionEntry>();
        foreach (var document in await store.ListAsync(PartitionEntry.KeyPrefix, cancellationToken))
        {
            if (int.TryParse(document.Key.AsSpan(PartitionEntry.KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                entries.Add(new PartitionId(id), PartitionEntry.Parse(document.Value.Span));
            }
        }

        return entries;
    }

    /// <summary>The entry with the document that holds it, or null.</summary>
    public async ValueTask<(PartitionEntry Entry, CoordinationEntry Document)?> GetAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        var found = await _store.GetAsync(PartitionEntry.KeyOf(partition), cancellationToken);
        return found is null ? null : (PartitionEntry.Parse(found.Value.Span), found);
    }

    /// <summary>
    /// Replaces the entry in that document (null: creates it), of which what is not known here is kept. Returns the entry as stored, or null where another writer was faster. Throws
    /// <see cref="CoordinationException"/> only where the outcome could not be found out.
    /// </summary>
    public async ValueTask<PartitionEntry?> TryPutAsync(PartitionId partition, PartitionEntry entry, CoordinationEntry? replaced, CancellationToken cancellationToken)
    {
        var stamped = entry with { WriterId = _writerId, Counter = Interlocked.Increment(ref _counter) };
        try
        {
            var value = replaced is null ? stamped.Serialize() : stamped.SerializeOver(replaced.Value.Span);
            var written = await _store.PutIfAsync(PartitionEntry.KeyOf(partition), value, replaced?.Revision, cancellationToken);
            return written is null ? null : stamped;
        }
        catch (CoordinationException)
        {
            // Ours if the entry says so. Otherwise the write may still be under way, unless the revision it was bound to is gone.
            var now = await GetAsync(partition, cancellationToken);
            if (now is { } current && current.Entry.WriterId == stamped.WriterId && current.Entry.Counter == stamped.Counter)
            {
                return stamped;
            }

            if (now?.Document.Revision != replaced?.Revision)
            {
                return null;
            }

            throw;
        }
    }
}
