using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Sources;

/// <summary>A head has handed samples over to a block that no manifest shows: the answer would have a gap.</summary>
public sealed class MissingBlockException(string message) : Exception(message);

/// <summary>
/// Which blocks each tenant has. Lists are kept for a short time: a list that is too old cannot hide samples, because a head names the blocks
/// it handed over to recently, and a list that lacks one of them is read again. Thread-safe.
/// </summary>
internal sealed class BlockCatalog(IManifestReader manifests, QuerierOptions options, QuerierMetrics metrics, TimeProvider time)
{
    // Heads name a hand-over for an hour at least; manifests remember a retired block for longer than that.
    private static readonly TimeSpan HeadMemory = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<TenantId, Entry> _tenants = new();

    /// <summary>Called with each list that was read.</summary>
    public event Action<TenantId, BlockList>? Refreshed;

    /// <summary>
    /// A list that shows, as present or as retired, every block in <paramref name="truncated"/>. That a head has answered must come before the call.
    /// </summary>
    /// <exception cref="MissingBlockException">Even a list read after the call lacks one.</exception>
    public async ValueTask<BlockList> CoveringAsync(TenantId tenant, IReadOnlyList<TruncatedGeneration> truncated, CancellationToken cancellationToken)
    {
        var called = time.GetTimestamp();
        var entry = _tenants.GetOrAdd(tenant, static _ => new Entry());
        if (entry.Kept is { } kept && time.GetElapsedTime(kept.ReadAt, called) < options.ManifestTtl && !kept.List.Unknown(truncated, entry.Forgotten).Any())
        {
            return kept.List;
        }

        var list = await ReadAsync(tenant, entry, called, cancellationToken);
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
    }

    /// <summary>A list read after the call: for who found an object of a listed block missing.</summary>
    public ValueTask<BlockList> RefreshAsync(TenantId tenant, CancellationToken cancellationToken) =>
        ReadAsync(tenant, _tenants.GetOrAdd(tenant, static _ => new Entry()), time.GetTimestamp(), cancellationToken);

    // An idle head goes on naming its last hand-over when the block has long been replaced, or removed by retention, and forgotten by the
    // manifest. A block is published before its head is truncated, so a list read after the head answered shows a young one.
    private bool IsLongAgo(TruncatedGeneration generation) =>
        Ulid.TryParse(generation.Ulid, out var ulid) && ulid.Time < (time.GetUtcNow() - HeadMemory).ToUnixTimeMilliseconds();

    // Callers share a read only if it began after they called: an older one may have missed what they know of.
    private async ValueTask<BlockList> ReadAsync(TenantId tenant, Entry entry, long notBefore, CancellationToken cancellationToken)
    {
        await entry.Lock.WaitAsync(cancellationToken);
        try
        {
            if (entry.Kept is { } kept && kept.ReadAt >= notBefore)
            {
                return kept.List;
            }

            var began = time.GetTimestamp();
            var list = new BlockList(await manifests.ReadAsync(tenant, cancellationToken));
            metrics.ManifestsRefreshed();
            entry.Kept = new KeptList(list, began);
            Refreshed?.Invoke(tenant, list);
            return list;
        }
        finally
        {
            entry.Lock.Release();
        }
    }

    private sealed class Entry
    {
        private volatile KeptList? _kept;

        /// <summary>Blocks that heads still name and no manifest remembers.</summary>
        public ConcurrentDictionary<string, long> Forgotten { get; } = new(StringComparer.Ordinal);

        public SemaphoreSlim Lock { get; } = new(1, 1);

        public KeptList? Kept
        {
            get => _kept;
            set => _kept = value;
        }
    }

    private sealed record KeptList(BlockList List, long ReadAt);
}
