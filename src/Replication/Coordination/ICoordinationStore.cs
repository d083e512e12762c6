namespace Deucalion.Replication.Coordination;

/// <summary>
/// The strongly consistent store of small documents that a cluster agrees through. Keys are segments of <c>a-zA-Z0-9._-</c> with <c>/</c> between.
/// Reads see every write that returned before they began. Thread-safe. Failures are <see cref="CoordinationException"/>; one from a write leaves its
/// outcome unknown: read back before deciding anything.
/// </summary>
public interface ICoordinationStore
{
    /// <summary>
    /// How long leases of this store should live without their owner: short enough for quick failover, long enough that a slow moment of the store
    /// or its owner ends none.
    /// </summary>
    TimeSpan RecommendedTimeToLive => TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the coordinator's lease should live without it. Losing it costs an election and nothing else, and who else died at the same moment is replaced
    /// only after it: shorter where a store can afford it.
    /// </summary>
    TimeSpan CoordinatorTimeToLive => RecommendedTimeToLive;

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
    /// Ends when cancelled. Where the store is reached over a network an outage delays changes and ends nothing.
    /// </summary>
    IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the lease of that name for <paramref name="owner"/>, or returns null while a live owner has it. It is kept alive until released,
    /// disposed or lost. It falls free about <paramref name="timeToLive"/> after its owner died; a store that needs longer takes at least its
    /// <see cref="RecommendedTimeToLive"/>. Meant to be called again and again by those who wait for a lease: a store that is asked over a network does not
    /// make a request for each call, and may show a lease that was released free only seconds later. A name of an owner stands for one process at a time; a
    /// store may let a new process of the same owner take over at once what the one before it held.
    /// </summary>
    ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>
    /// The leases whose name starts with the prefix, in ordinal order of names: every one that was acquired before the call began and is held still.
    /// One whose holder is gone is shown as not alive or left out, both mean the same. The cost does not grow with the number of leases, a page of a
    /// listing aside: a store reads a lease's document again only when its holder changed.
    /// <para>
    /// Not alive is said only of a lease that was released, or whose holder has told by <see cref="ICoordinationLease.Lost"/> that it is lost, unless
    /// its process or machine stands still. Where the store itself ends leases (a file lock, a key with a time to live) one call tells. Where a
    /// lease is a document that its holder keeps rewriting, this instance judges by its own successive calls: dead is what stood unchanged in three or more
    /// successful ones in a row that span its time to live, with at most half of that between two neighbours; a longer gap, also one after failed
    /// calls, begins the count anew. There a first call says alive of all, and whoever wants to hear of deaths has to keep calling.
    /// </para>
    /// </summary>
    ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken);
}

/// <summary>A document with its revision; revisions are opaque and never come again for one key.</summary>
public sealed record CoordinationEntry(string Key, ReadOnlyMemory<byte> Value, string Revision);

/// <summary>What became of a document: its content, or null where it was deleted.</summary>
public sealed record CoordinationChange(string Key, CoordinationEntry? Entry);

/// <summary>A lease as one observer sees it.</summary>
/// <param name="Name">Name of the lease.</param>
/// <param name="Owner">Its holder, or the last one.</param>
/// <param name="FencingToken">The token of that holder.</param>
/// <param name="IsAlive">Whether it is held, or not known to be free.</param>
public sealed record LeaseSight(string Name, string Owner, long FencingToken, bool IsAlive);

/// <summary>A lease that is held. Disposing releases it; once lost or released that does nothing.</summary>
public interface ICoordinationLease : IAsyncDisposable
{
    /// <summary>Name of the lease.</summary>
    string Name { get; }

    /// <summary>A number larger than that of every earlier holder: whoever acts under the lease shows it.</summary>
    long FencingToken { get; }

    /// <summary>
    /// Cancelled when the lease is lost: before another can have it if the owner could not renew it, and when the owner learns that another has it. Cancelled
    /// after release as well.
    /// </summary>
    CancellationToken Lost { get; }
}

/// <summary>The coordination store failed or could not be reached.</summary>
public sealed class CoordinationException(string message, Exception? inner) : IOException(message, inner);
