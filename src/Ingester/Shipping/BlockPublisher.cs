using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Ingester.Partitions;
using Deucalion.Storage.Blocks;

namespace Deucalion.Ingester.Shipping;

/// <summary>
/// One attempt to make a sealed generation a published block: written to a local directory, uploaded (meta.json last), listed in the manifest by
/// compare-and-swap. Each attempt has a ULID of its own; what an attempt that failed has uploaded is an orphan, removed by the compactor after a delay.
/// A generation that the manifest lists already, because an earlier attempt got through without knowing, is recognised and not published twice. A generation of
/// before the tenant's deletion is not published after it, whoever tries: the manifest's last deletion must still be the one that was read before the generation was
/// found to be there, at the partition's primary.
/// Thread-safe.
/// </summary>
internal sealed class BlockPublisher(
    IDisk disk, string directory, IObjectStore objects, ManifestStore manifests, ShippingOptions options, TimeProvider time)
{
    /// <summary>Removes what attempts cut off by a crash have left on the disk; before the first attempt.</summary>
    public void RemoveLeftovers()
    {
        disk.DeleteDirectory(directory);
        disk.CreateDirectory(directory);
    }

    /// <summary>Publishes; returns the block that the manifest lists, or null where the generation has no samples.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="requirePresent">
    /// Throws unless the partition's primary, which this node is, has the generation now and no deletion of the tenant pending:
    /// <see cref="Storage.Head.WindowTruncatedException"/> where it has gone, <see cref="IOException"/> where that cannot be said.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<ManifestBlock?> PublishAsync(SealedGeneration generation, Action requirePresent, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.AttemptTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var (tenant, partition, window) = generation;
        var manifest = await manifests.ReadAsync(tenant, partition, linked.Token);
        var lastDeletion = manifest.LastDeletion;
        requirePresent();
        if (PublishedAs(manifest, generation) is { } published)
        {
            return published;
        }

        var ulid = Ulid.Create(time.GetUtcNow());
        var local = Path.Combine(directory, ulid.ToString());
        try
        {
            var meta = BlockWriter.Write(disk, directory, window.Open(), WriteOptions(generation, ulid), linked.Token);
            if (meta is null)
            {
                return null;
            }

            var bytes = await BlockUpload.UploadAsync(disk, local, objects, tenant, meta.Ulid, linked.Token);
            var block = new ManifestBlock
            {
                Ulid = meta.Ulid,
                MinTime = meta.MinTime,
                MaxTime = meta.MaxTime,
                Generations = [window.Generation],
                Level = 1,
                Bytes = bytes,
                Series = meta.Stats.NumSeries,
                Samples = meta.Stats.NumSamples,
            };
            manifest = await manifests.UpdateAsync(
                tenant,
                partition,
                current => current.LastDeletion == lastDeletion && PublishedAs(current, generation) is null ? current.WithBlock(block) : current,
                linked.Token);
            if (manifest.LastDeletion != lastDeletion)
            {
                await BlockUpload.DeleteAsync(objects, tenant, meta.Ulid, linked.Token);
                requirePresent();
                throw new IOException($"tenant {tenant} was deleted while block {meta.Ulid} was being published");
            }

            return PublishedAs(manifest, generation)
                ?? throw new InvalidOperationException($"generation {window.Generation} is missing in the manifest it was added to");
        }
        finally
        {
            disk.DeleteDirectory(local);
        }
    }

    /// <summary>
    /// The listed block that an earlier attempt made of the generation, or null. Numbers of generations begin anew where a node lost its disk while the
    /// bucket stayed, so a block counts only if its times are exactly the generation's. A merged block does not count: which times a generation in it had
    /// is not known. What is then published twice is a duplicate, which queries and the next merge resolve; what is wrongly taken for published is lost.
    /// </summary>
    private static ManifestBlock? PublishedAs(Manifest manifest, SealedGeneration generation)
    {
        var window = generation.Window;
        return manifest.Blocks.FirstOrDefault(block =>
            block.Level == 1 && block.Generations.Contains(window.Generation) && block.MinTime == window.MinTime && block.MaxTime == window.MaxTime + 1);
    }

    private static BlockWriteOptions WriteOptions(SealedGeneration generation, Ulid ulid) => new()
    {
        Ulid = ulid,
        MinTime = generation.Window.MinTime,
        MaxTime = generation.Window.MaxTime + 1,
        Extension = new BlockExtension { Partitions = [generation.Partition.Value], Generations = [generation.Window.Generation] },
    };
}
