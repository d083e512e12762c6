using System.Collections.Concurrent;
using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor.Compaction;

/// <summary>
/// Passes over all tenants: plans, and merges group by group under the tenant's lease. A group that fails leaves the others their turn and is planned again
/// by the next pass; a damaged block is set aside and the rest goes on. One pass at a time.
/// </summary>
internal sealed partial class CompactionRun(
    ManifestStore manifests, CompactionExecutor executor, TenantLeases leases, CompactionMetrics metrics, TimeProvider time, ILogger<CompactionRun> logger)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _setAside = new(StringComparer.Ordinal);

    /// <summary>One pass.</summary>
    public async Task RunAsync(CompactionOptions options, CancellationToken cancellationToken)
    {
        var tenants = new List<TenantId>();
        await foreach (var tenant in manifests.ListTenantsAsync(cancellationToken))
        {
            tenants.Add(tenant);
        }

        foreach (var (ulid, until) in _setAside)
        {
            if (until <= time.GetUtcNow())
            {
                _setAside.TryRemove(ulid, out _);
            }
        }

        var levels = new ConcurrentDictionary<int, long>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(tenants, parallel, async (tenant, token) =>
        {
            try
            {
                foreach (var block in (await RunAsync(tenant, options, token)).SelectMany(static x => x.Blocks))
                {
                    levels.AddOrUpdate(block.Level, 1, static (_, count) => count + 1);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed(CompactionFailure.Unavailable);
                LogTenantFailed(logger, tenant, e);
            }
        });
        metrics.Seen(levels, _setAside.Count);
    }

    /// <summary>Merges what is due of a tenant; returns its manifests as they were read last.</summary>
    private async Task<IReadOnlyList<Manifest>> RunAsync(TenantId tenant, CompactionOptions options, CancellationToken cancellationToken)
    {
        var (current, groups) = await PlanAsync(tenant, options, cancellationToken);
        if (groups.Count == 0)
        {
            return current;
        }

        await using var lease = await leases.TryAcquireAsync(tenant, cancellationToken);
        if (lease is null)
        {
            return current;
        }

        // Who had the lease before may have done it all.
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        (_, groups) = await PlanAsync(tenant, options, held.Token);
        foreach (var group in groups)
        {
            await MergeAsync(tenant, group, options, held.Token);
        }

        return (await PlanAsync(tenant, options, cancellationToken)).Manifests;
    }

    private async Task<(IReadOnlyList<Manifest> Manifests, IReadOnlyList<CompactionGroup> Groups)> PlanAsync(
        TenantId tenant, CompactionOptions options, CancellationToken cancellationToken)
    {
        var list = new List<Manifest>();
        await foreach (var manifest in manifests.ListAsync(tenant, cancellationToken))
        {
            list.Add(manifest);
        }

        return (list, CompactionPlanner.Plan(list, options, time.GetUtcNow().ToUnixTimeMilliseconds(), _setAside.ContainsKey));
    }

    private async Task MergeAsync(TenantId tenant, CompactionGroup group, CompactionOptions options, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var (isReplaced, result) = await executor.RunAsync(tenant, group, options, cancellationToken);
            if (!isReplaced)
            {
                LogOvertaken(logger, tenant, group.Partition, group.Blocks.Count);
                return;
            }

            metrics.Published(group, result, time.GetElapsedTime(started));
            LogMerged(logger, tenant, group.Partition, group.Blocks.Count, group.Bytes, result?.Ulid ?? "none", result?.Samples ?? 0, result?.Bytes ?? 0);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = e switch
            {
                CompactionException known => known.Failure,
                DiskFullException => CompactionFailure.NoSpace,
                _ => CompactionFailure.Unavailable,
            };
            metrics.Failed(failure);
            LogFailed(logger, tenant, group.Partition, group.Blocks.Count, failure, e);
            foreach (var ulid in (e as CompactionException)?.Damaged ?? [])
            {
                _setAside[ulid] = time.GetUtcNow() + options.SetAsideTime;
                LogSetAside(logger, tenant, group.Partition, ulid);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Tenant {Tenant} partition {Partition}: {Count} blocks of {SourceBytes} bytes became block {Ulid} ({Samples} samples, {Bytes} bytes)")]
    private static partial void LogMerged(
        ILogger logger, TenantId tenant, PartitionId partition, int count, long sourceBytes, string ulid, long samples, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "Tenant {Tenant} partition {Partition}: {Count} blocks could not be merged ({Failure}); they stay as they are")]
    private static partial void LogFailed(ILogger logger, TenantId tenant, PartitionId partition, int count, CompactionFailure failure, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Tenant {Tenant} partition {Partition}: block {Ulid} is damaged and is left out of merges for some hours")]
    private static partial void LogSetAside(ILogger logger, TenantId tenant, PartitionId partition, string ulid);

    [LoggerMessage(4, LogLevel.Information, "Tenant {Tenant} partition {Partition}: of {Count} blocks that were merged some had left the manifest meanwhile; the result is dropped")]
    private static partial void LogOvertaken(ILogger logger, TenantId tenant, PartitionId partition, int count);

    [LoggerMessage(5, LogLevel.Warning, "The blocks of tenant {Tenant} could not be looked through; it will be tried again")]
    private static partial void LogTenantFailed(ILogger logger, TenantId tenant, Exception exception);
}
