using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;

namespace Deucalion.Compactor.Compaction;

/// <summary>
/// Carries a group out: one block is written below the work directory, verified, uploaded whole (meta.json last), and put in the place of its sources by one
/// compare-and-swap of their manifest. Whatever ends it before that leaves the sources listed and, at most, an upload that retention removes as an
/// orphan; the objects of the sources go after retention's delay. Thread-safe.
/// </summary>
internal sealed class CompactionExecutor(IObjectStore objects, ManifestStore manifests, IDisk disk, string workDirectory, TimeProvider time)
{
    private const string Reason = "compacted";

    /// <summary>Removes what merges cut off by a crash have left on the disk; before the first.</summary>
    public void RemoveLeftovers()
    {
        disk.DeleteDirectory(workDirectory);
        disk.CreateDirectory(workDirectory);
    }

    /// <summary>
    /// Merges; returns the outcome. Sources that are no longer listed mean that somebody else was quicker: nothing is changed.
    /// </summary>
    /// <exception cref="CompactionException">Nothing has changed; the message says why.</exception>
    public async Task<CompactionOutcome> RunAsync(TenantId tenant, CompactionGroup group, CompactionOptions options, CancellationToken cancellationToken)
    {
        RequireSpace(group, options);
        var ulid = Ulid.Create(time.GetUtcNow());
        var directory = Path.Combine(workDirectory, ulid.ToString());
        disk.CreateDirectory(directory);
        try
        {
            BlockMeta? meta;
            using (var sources = await SourceBlocks.OpenAsync(objects, disk, Path.Combine(directory, "sources"), tenant, group.Ulids, cancellationToken))
            {
                meta = await BlockMerge.WriteAsync(disk, directory, sources, group, ulid, cancellationToken);
            }

            using var timeout = new CancellationTokenSource(options.PublishTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            var result = meta is null ? null : Listed(meta, group, await UploadAsync(tenant, directory, meta, linked.Token));
            return await ReplaceAsync(tenant, group, result, linked.Token);
        }
        finally
        {
            disk.DeleteDirectory(directory);
        }
    }

    /// <summary>A merge needs room for its result, and once more for copies: of the sources, or of the result in a bucket on the same disk.</summary>
    private void RequireSpace(CompactionGroup group, CompactionOptions options)
    {
        var needed = (2 * group.Bytes) + options.SpareBytes;
        var free = disk.FreeBytes(workDirectory);
        if (free < needed)
        {
            throw new CompactionException(CompactionFailure.NoSpace, $"{group.Blocks.Count} blocks of {group.Bytes} bytes need {needed} bytes below {workDirectory} to be merged, {free} are free");
        }
    }

    private async Task<long> UploadAsync(TenantId tenant, string directory, BlockMeta meta, CancellationToken cancellationToken)
    {
        var bytes = await BlockUpload.UploadAsync(disk, Path.Combine(directory, meta.Ulid), objects, tenant, meta.Ulid, cancellationToken);
        var stored = 0L;
        await foreach (var entry in objects.ListAsync(BlockUpload.Prefix(tenant, meta.Ulid) + "/", cancellationToken))
        {
            stored += entry.Length;
        }

        return stored == bytes
            ? bytes
            : throw new CompactionException(CompactionFailure.WrongResult, $"block {meta.Ulid} has {bytes} bytes, of which {stored} are in the bucket");
    }

    private async Task<CompactionOutcome> ReplaceAsync(TenantId tenant, CompactionGroup group, ManifestBlock? result, CancellationToken cancellationToken)
    {
        var ulids = group.Ulids;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        ManifestBlock[] results = result is null ? [] : [result];

        // Retention may have taken a source in the meantime, another compactor all: what was merged is then not what is listed, and the result is dropped.
        var manifest = await manifests.UpdateAsync(
            tenant, group.Partition, x => ListsAll(x, ulids) ? x.WithReplaced(ulids, results, now, Reason) : x, cancellationToken);
        var isReplaced = result is null
            ? !manifest.Blocks.Any(x => ulids.Contains(x.Ulid))
            : manifest.Blocks.Any(x => x.Ulid == result.Ulid);
        return new CompactionOutcome(isReplaced, isReplaced ? result : null);
    }

    private static bool ListsAll(Manifest manifest, IReadOnlyList<string> ulids)
    {
        var listed = manifest.Blocks.Select(static x => x.Ulid).ToHashSet(StringComparer.Ordinal);
        return ulids.All(listed.Contains);
    }

    private static ManifestBlock Listed(BlockMeta meta, CompactionGroup group, long bytes) => new()
    {
        Ulid = meta.Ulid,
        MinTime = meta.MinTime,
        MaxTime = meta.MaxTime,
        Generations = [.. group.Blocks.SelectMany(static x => x.Generations).Distinct().Order()],
        Level = meta.Compaction.Level,
        Bytes = bytes,
        Series = meta.Stats.NumSeries,
        Samples = meta.Stats.NumSamples,
    };
}
