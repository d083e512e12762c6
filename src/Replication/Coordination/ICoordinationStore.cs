namespace Deucalion.Replication.Coordination;

/// <summary>
/// The strongly consistent store of small documents that a cluster agrees through. Keys are segments of <c>a-zA-Z0-9._-</c> with <c>/</c> between.
/// Reads see every write that returned before they began. Thread-safe. Failures are <see cref="CoordinationException"/>; one from a write leaves its
/// outcome unknown: read back before deciding anything.
/// </summary>
public interface ICoordinationStore
{
    /// <summary>The document, or null.</summary>
    ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a document if its current revision is <paramref name="ifRevision"/> (null: if it is absent). Returns the new revision, or null
    /// where the condition does not hold.
    /// </summary>
    ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken);

    /// <summary>Deletes a document if its current revision is <paramref name="ifRevision"/>; false where it is not.</summary>
    ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken);

    /// <summary>All documents whose key starts with the prefix, in ordinal order of keys.</summary>
    ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// The present documents with the prefix, then each change after them; intermediate states may be left out, the last one never is.
    /// Ends when cancelled.
    /// </summary>
    IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the lease of that name for <paramref name="owner"/>, or returns null while another live owner has it. It is kept alive until
    /// released, disposed or lost; it falls free at latest <paramref name="timeToLive"/> after its owner died.
    /// </summary>
    ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken);
}

/// <summary>A document with its revision; revisions are opaque and never come again for one key.</summary>
public sealed record CoordinationEntry(string Key, ReadOnlyMemory<byte> Value, string Revision);

/// <summary>What became of a document: its content, or null where it was deleted.</summary>
public sealed record CoordinationChange(string Key, CoordinationEntry? Entry);

/// <summary>A lease that is held. Disposing releases it.</summary>
public interface ICoordinationLease : IAsyncDisposable
{
    /// <summary>Name of the lease.</summary>
    string Name { get; }

    /// <summary>A number larger than that of every earlier holder: whoever acts under the lease shows it.</summary>
    long FencingToken { get; }

    /// <summary>Cancelled when the lease is lost.</summary>
    CancellationToken Lost { get; }
}

/// <summary>The coordination store failed or could not be reached.</summary>
public sealed class CoordinationException(string message, Exception? inner) : IOException(message, inner);
