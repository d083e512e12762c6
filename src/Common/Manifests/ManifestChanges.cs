using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Manifests;

/// <summary>
/// Successors of a manifest. Pure; each raises <see cref="Manifest.Sequence"/> by one, or returns the manifest itself where there is
/// nothing to change, so that a change can safely be applied again after an unknown outcome.
/// </summary>
public static class ManifestChanges
{
    private const long KeepDeletions = 24 * 60 * 60 * 1000;
    private const int MaxDeletions = 64;

    /// <summary>Adds a block; nothing changes where it is listed or has been retired.</summary>
    public static Manifest WithBlock(this Manifest manifest, ManifestBlock block) =>
        Knows(manifest, block.Ulid) ? manifest : Successor(manifest, manifest.Blocks.Append(block), manifest.Retired);

    /// <summary>Retires blocks; those not listed do not matter.</summary>
    public static Manifest WithoutBlocks(this Manifest manifest, IReadOnlyCollection<string> ulids, long now, string reason)
    {
        var leaving = manifest.Blocks.Where(b => ulids.Contains(b.Ulid)).ToList();
        return leaving.Count == 0
            ? manifest
            : Successor(manifest, manifest.Blocks.Except(leaving), Retire(manifest, leaving, now, reason));
    }

    /// <summary>
    /// Puts results in the place of their sources at once. Nothing changes where all results are known already; sources of which one is not
    /// listed any more are <see cref="InvalidOperationException"/>, since what was merged is no longer what there is.
    /// </summary>
    public static Manifest WithReplaced(
        this Manifest manifest, IReadOnlyCollection<string> sources, IReadOnlyCollection<ManifestBlock> results, long now, string reason)
    {
        if (results.Count > 0 && results.All(r => Knows(manifest, r.Ulid)))
        {
            return manifest;
        }

        var leaving = manifest.Blocks.Where(b => sources.Contains(b.Ulid)).ToList();
        if (leaving.Count != sources.Distinct().Count())
        {
            throw new InvalidOperationException("a source of the replacement is not listed");
        }

        return Successor(manifest, manifest.Blocks.Except(leaving).Concat(results), Retire(manifest, leaving, now, reason));
    }

    /// <summary>
    /// Forgets blocks retired before a time (Unix milliseconds): once their objects are deleted and no reader may ask for them.
    /// </summary>
    public static Manifest WithoutRetiredBefore(this Manifest manifest, long time)
    {
        var kept = manifest.Retired.Where(r => r.RetiredAt >= time).ToList();
        return kept.Count == manifest.Retired.Count ? manifest : Successor(manifest, manifest.Blocks, kept);
    }

    /// <summary>
    /// Retires all blocks and notes the deletion; nothing changes where it is noted already. Deletions that are older than any query, and than any attempt to
    /// publish a block, are forgotten.
    /// </summary>
    public static Manifest WithTenantDeleted(this Manifest manifest, ManifestDeletion deletion, long now)
    {
        if (manifest.Deletions.Any(d => d.Ulid == deletion.Ulid))
        {
            return manifest;
        }

        var kept = manifest.Deletions.Where(d => Ulid.TryParse(d.Ulid, out var ulid) && ulid.Time >= now - KeepDeletions).TakeLast(MaxDeletions - 1);
        return Successor(manifest, [], Retire(manifest, [.. manifest.Blocks], now, "deleted")) with { Deletions = [.. kept, deletion] };
    }

    private static bool Knows(Manifest manifest, string ulid) =>
        manifest.Blocks.Any(b => b.Ulid == ulid) || manifest.Retired.Any(r => r.Ulid == ulid);

    private static IEnumerable<RetiredBlock> Retire(Manifest manifest, List<ManifestBlock> leaving, long now, string reason) =>
        manifest.Retired.Concat(leaving.Select(b => new RetiredBlock(b.Ulid, now, reason)));

    private static Manifest Successor(
        Manifest manifest, IEnumerable<ManifestBlock> blocks, IEnumerable<RetiredBlock> retired) => manifest with
        {
            Sequence = manifest.Sequence + 1,
            Blocks = [.. blocks.OrderBy(static b => b.MinTime).ThenBy(static b => b.Ulid, StringComparer.Ordinal)],
            Retired = [.. retired],
        };
}
