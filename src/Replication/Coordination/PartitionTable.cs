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

    /// <summary>The entry with its revision, or null.</summary>
    public async ValueTask<(PartitionEntry Entry, string Revision)?> GetAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        var found = await _store.GetAsync(PartitionEntry.KeyOf(partition), cancellationToken);
        return found is null ? null : (PartitionEntry.Parse(found.Value.Span), found.Revision);
    }

    /// <summary>
    /// Replaces the entry of that revision (null: creates it). Returns the entry as stored, or null where another writer was faster. Throws
    /// <see cref="CoordinationException"/> only where the outcome could not be found out.
    /// </summary>
    public async ValueTask<PartitionEntry?> TryPutAsync(PartitionId partition, PartitionEntry entry, string? revision, CancellationToken cancellationToken)
    {
        var stamped = entry with { WriterId = _writerId, Counter = Interlocked.Increment(ref _counter) };
        try
        {
            var written = await _store.PutIfAsync(PartitionEntry.KeyOf(partition), stamped.Serialize(), revision, cancellationToken);
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

            if (now?.Revision != revision)
            {
                return null;
            }

            throw;
        }
    }
}
