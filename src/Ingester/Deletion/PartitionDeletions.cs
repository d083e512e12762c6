using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Deletion;

/// <summary>
/// Deletes tenants in the partitions that this node leads: logged (every replica's head forgets the tenant) → noted in the manifest, which retires all blocks →
/// logged that the manifest shows it. Until the last step the deletion is pending in the partition's state, and no block of the tenant is listed; a crash or a change
/// of the primary between any two steps is made good by <see cref="RunAsync"/>, wherever the partition is led then. Thread-safe.
/// <para>
/// A manifest is changed only where its last deletion is still the one that was read before this node was found to lead the partition, with this deletion pending.
/// So a primary that has been replaced can neither take blocks that were made after a later deletion, nor (<see cref="Shipping.BlockPublisher"/>) list one of before.
/// </para>
/// </summary>
internal sealed partial class PartitionDeletions(
    PartitionHost host, ManifestStore manifests, DeletionOptions options, DeletionMetrics metrics, TimeProvider time, ILogger<PartitionDeletions> logger)
{
    /// <summary>Finishes what is pending, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.CheckInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await FinishAllAsync(cancellationToken);
        }
    }

    /// <summary>Tries once to finish what is pending in the partitions that this node leads.</summary>
    public async Task FinishAllAsync(CancellationToken cancellationToken)
    {
        var pending = Led().SelectMany(static handle => handle.State.Deletions.Select(deletion => (handle, deletion))).ToList();
        foreach (var (handle, deletion) in pending)
        {
            try
            {
                await FinishAsync(handle, deletion.Tenant, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed();
                LogNotFinished(logger, deletion.Tenant, handle.Partition, e);
            }
        }
    }

    /// <summary>Deletions that are pending in the partitions that this node leads.</summary>
    public long PendingCount() => Led().Sum(static handle => (long)handle.State.Deletions.Count());

    /// <summary>Deletes everything of a tenant that the partition has accepted before.</summary>
    /// <exception cref="IOException">It is not known to be done; doing it again does no harm.</exception>
    /// <exception cref="TimeoutException">Likewise.</exception>
    public async Task<DeletedData> DeleteAsync(PartitionHandle handle, TenantId tenant, CancellationToken cancellationToken)
    {
        var manifest = await manifests.ReadAsync(tenant, handle.Partition, cancellationToken);
        var series = await handle.DeleteTenantAsync(tenant, manifest.Blocks.Count > 0, cancellationToken);
        if (series is null)
        {
            // Nothing was logged, so nothing has shown that this node leads.
            return host.SpeaksFor(handle)
                ? new DeletedData(manifest.Sequence > 0, 0, 0, 0)
                : throw new PartitionMovingException($"partition {handle.Partition} may be led by another node");
        }

        var (blocks, bytes) = await FinishAsync(handle, tenant, cancellationToken);
        return new DeletedData(true, series.Value, blocks, bytes);
    }

    /// <summary>Finishes the pending deletion of a tenant, if there is one; returns how many blocks it took and their bytes.</summary>
    public async Task<(int Blocks, long Bytes)> FinishAsync(PartitionHandle handle, TenantId tenant, CancellationToken cancellationToken)
    {
        var (blocks, bytes) = (0, 0L);
        while (handle.State.DeletionOf(tenant) is { } pending)
        {
            var before = await manifests.ReadAsync(tenant, handle.Partition, cancellationToken);
            if (!Shows(before, pending))
            {
                if (handle.State.DeletionOf(tenant) != pending)
                {
                    continue;
                }

                if (!host.SpeaksFor(handle))
                {
                    throw new PartitionMovingException($"partition {handle.Partition} may be led by another node");
                }

                IReadOnlyList<ManifestBlock> leaving = [];
                var noted = new ManifestDeletion(pending.Ulid, pending.Seq);
                var after = await manifests.UpdateAsync(
                    tenant,
                    handle.Partition,
                    current =>
                    {
                        leaving = current.Blocks;
                        return current.LastDeletion == before.LastDeletion ? current.WithTenantDeleted(noted, Now()) : current;
                    },
                    cancellationToken);
                if (!Shows(after, pending))
                {
                    continue;
                }

                (blocks, bytes) = (blocks + leaving.Count, bytes + leaving.Sum(static block => block.Bytes));
                LogNoted(logger, tenant, handle.Partition, leaving.Count, pending.Ulid, pending.Seq);
            }

            await handle.DeletionShownAsync(pending, cancellationToken);
        }

        return (blocks, bytes);
    }

    private static bool Shows(Manifest manifest, PendingDeletion deletion) => manifest.Deletions.Any(x => x.Ulid == deletion.Ulid);

    private IEnumerable<PartitionHandle> Led() => (host.Current?.Partitions ?? []).Where(handle => handle.IsLeading || host.SpeaksFor(handle));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(1, LogLevel.Debug, "Tenant {Tenant} partition {Partition}: {Blocks} blocks have left the manifest by deletion {Ulid} (record {Seq})")]
    private static partial void LogNoted(ILogger logger, TenantId tenant, PartitionId partition, int blocks, string ulid, long seq);

    [LoggerMessage(2, LogLevel.Warning, "Tenant {Tenant} partition {Partition}: the manifest does not show the tenant's deletion yet; trying again")]
    private static partial void LogNotFinished(ILogger logger, TenantId tenant, PartitionId partition, Exception exception);
}
