using System.Collections.Concurrent;
using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Sources;

/// <summary>A head has handed samples over to a block that no manifest shows: the answer would have a gap.</summary>
public sealed class MissingBlockException(string message) : Exception(message);

/// <summary>
/// Which blocks each tenant has. Lists are kept for a short time, and longer while the store does not answer: a list that is too old cannot hide samples, because a
/// head names the blocks it handed over to recently, and a list that lacks one of them is read again. Thread-safe.
/// </summary>
internal sealed class BlockCatalog(IManifestReader manifests, QuerierOptions options, QuerierMetrics metrics, TimeProvider time)
{
    // Heads name a hand-over for an hour at least; manifests remember a retired block for longer than that.
    private static readonly TimeSpan HeadMemory = TimeSpan.FromHours(1);

    // A store that is well answers in less; a query that has a good list does not wait longer for a newer one.
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    // For who has no good list: time for some hundred manifests that were never read, yet a query does not keep its place from others for much longer.
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(10);

    // Only an import lists blocks that no head names. One of the last minute may as well have come after the query.
    private static readonly TimeSpan AgeToTell = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<TenantId, Entry> _tenants = new();

    /// <summary>Called with each list that was read.</summary>
    public event Action<TenantId, BlockList>? Refreshed;

    /// <summary>
    /// A list that shows, as present or as retired, every block in <paramref name="truncated"/>. That a head has answered must come before the call.
    /// It may lack blocks that end before <paramref name="minTime"/>. What an old list may lack all the same is told to <paramref name="warn"/>.
    /// </summary>
    /// <exception cref="MissingBlockException">Even a list read after the call lacks one.</exception>
    /// <exception cref="ObjectStoreUnavailableException">The store does not answer, and the kept list may hide samples.</exception>
    public async ValueTask<BlockList> CoveringAsync(TenantId tenant, IReadOnlyList<TruncatedGeneration> truncated, long minTime, Action<string>? warn, CancellationToken cancellationToken)
    {
        var called = time.GetTimestamp();
        var entry = EntryOf(tenant);
        var kept = entry.List.Kept;
        var known = kept?.List ?? BlockList.Empty;
        var isRecent = IsRecent(minTime);
        if (Suffices(known))
        {
            var age = kept is null ? TimeSpan.MaxValue : time.GetElapsedTime(kept.ReadAt, called);
            if (age < options.ManifestTtl)
            {
                return known;
            }

            if (age < options.ManifestMaxAge || isRecent)
            {
                if (await NewerAsync(entry.List, cancellationToken) is { } newer && Suffices(newer))
                {
                    return newer;
                }

                if (age >= AgeToTell)
                {
                    warn?.Invoke("the list of blocks cannot be read from the object store: blocks that were imported lately are not seen");
                }

                return known;
            }
        }

        var list = await ReadAsync(tenant, entry, called, truncated, cancellationToken);
        foreach (var missing in list.Unknown(truncated, entry.Forgotten))
        {
            if (!IsLongAgo(missing))
            {
                throw new MissingBlockException(
                    $"partition {missing.Partition} has handed generation {missing.Generation} of tenant {tenant} over to block {missing.Ulid}, which its manifest does not show");
            }

            entry.Forgotten.TryAdd(missing.Ulid, missing.Generation);
        }

        return list;

        bool Suffices(BlockList blocks) => blocks.Unknown(truncated, entry.Forgotten).All(x => isRecent && IsLongAgo(x));
    }

    /// <summary>A list read after the call: for who found an object of a listed block missing.</summary>
    /// <exception cref="ObjectStoreUnavailableException">The store does not answer.</exception>
    public ValueTask<BlockList> RefreshAsync(TenantId tenant, CancellationToken cancellationToken) =>
        ReadAsync(tenant, EntryOf(tenant), time.GetTimestamp(), [], cancellationToken);

    private Entry EntryOf(TenantId tenant) => _tenants.GetOrAdd(tenant, static (key, self) => new Entry(self.ListOf(key)), this);

    private TenantBlockList ListOf(TenantId tenant) => new(
        async () =>
        {
            // Shared by all who wait for the list, so none of them can cancel it.
            var list = new BlockList(await manifests.ReadAsync(tenant, CancellationToken.None));
            metrics.ManifestsRefreshed();
            return list;
        },
        list => Refreshed?.Invoke(tenant, list),
        time);

    // An idle head goes on naming its last hand-over when the block has long been replaced, or removed by retention, and forgotten by the
    // manifest. A block is published before its head is truncated, so a list read after the head answered shows a young one.
    private bool IsLongAgo(TruncatedGeneration generation) =>
        Ulid.TryParse(generation.Ulid, out var ulid) && ulid.Time < (time.GetUtcNow() - HeadMemory).ToUnixTimeMilliseconds();

    // What heads do not name any more was handed over so long ago that its samples, even those that were ahead of their time, are older.
    private bool IsRecent(long minTime) =>
        options.ManifestMaxAge > options.MaxFuture && minTime > (time.GetUtcNow() - options.ManifestMaxAge + options.MaxFuture).ToUnixTimeMilliseconds();

    /// <summary>A list from a read that has begun by now, or null if it fails or the store takes its time: then nobody waits for the next one either.</summary>
    private async ValueTask<BlockList?> NewerAsync(TenantBlockList known, CancellationToken cancellationToken)
    {
        var isAway = known.Failure is not null;
        var reading = known.Read();
        var rest = isAway ? TimeSpan.Zero : ShortWait - time.GetElapsedTime(reading.Began);
        return await EndsAsync(reading.Ended, rest, cancellationToken) ? await reading.Ended : null;
    }

    // Callers share a read only if it began after they called: an older one may have missed what they know of.
    private async ValueTask<BlockList> ReadAsync(
        TenantId tenant, Entry entry, long notBefore, IReadOnlyList<TruncatedGeneration> truncated, CancellationToken cancellationToken)
    {
        var known = entry.List;
        while (true)
        {
            var reading = known.Read();
            var rest = (known.Failure is null ? LongWait : ShortWait) - time.GetElapsedTime(reading.Began);
            var atLeast = ShortWait - time.GetElapsedTime(notBefore);
            if (!await EndsAsync(reading.Ended, rest > atLeast ? rest : atLeast, cancellationToken))
            {
                throw Unavailable(tenant, entry, truncated);
            }

            if (reading.Began >= notBefore)
            {
                return await reading.Ended ?? throw Unavailable(tenant, entry, truncated);
            }
        }
    }

    private async ValueTask<bool> EndsAsync(Task reading, TimeSpan rest, CancellationToken cancellationToken)
    {
        if (rest > TimeSpan.Zero)
        {
            try
            {
                await reading.WaitAsync(rest, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It goes on without this caller.
            }
        }

        return reading.IsCompleted;
    }

    private ObjectStoreUnavailableException Unavailable(TenantId tenant, Entry entry, IReadOnlyList<TruncatedGeneration> truncated)
    {
        var failure = entry.List.Failure;
        var why = failure is null ? "it does not answer" : failure.Message;
        var known = "no earlier list is known here";
        if (entry.List.Kept is { } kept)
        {
            var age = string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(kept.ReadAt).TotalSeconds:0} s");
            var missing = kept.List.Unknown(truncated, entry.Forgotten).Select(static x => $"block {x.Ulid}, to which partition {x.Partition} has handed samples over").FirstOrDefault();
            known = missing is null ? $"the list of {age} ago no longer tells where all samples are" : $"the list of {age} ago lacks {missing}";
        }

        return new ObjectStoreUnavailableException(
            $"the list of the blocks of tenant {tenant} cannot be read from the object store: {why}; {known}; ask again once this node reaches the store (bucket.* of its configuration)",
            failure);
    }

    private sealed class Entry(TenantBlockList list)
    {
        public TenantBlockList List { get; } = list;

        /// <summary>Blocks that heads still name and no manifest remembers.</summary>
        public ConcurrentDictionary<string, long> Forgotten { get; } = new(StringComparer.Ordinal);
    }
}
