using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor.Retention;

/// <summary>
/// Carries retention out, tenant by tenant: blocks leave the manifests by compare-and-swap first; their objects are deleted only after a delay in which
/// no reader can still hold an older manifest; uploads that no manifest ever listed go once they are too old to be listed. Every step may be repeated, so
/// a pass that fails is simply followed by the next. One pass at a time.
/// </summary>
internal sealed partial class RetentionRun(
    IObjectStore objects, ManifestStore manifests, RetentionMetrics metrics, TimeProvider time, ILogger<RetentionRun> logger)
{
    private const string Reason = "retention";

    // Blocks deleted by earlier passes that manifests still remember.
    private readonly HashSet<(TenantId Tenant, string Ulid)> _deleted = [];

    // When orphans of a tenant were last looked for, as a timestamp of the clock.
    private readonly Dictionary<TenantId, long> _orphansSought = [];

    /// <summary>One pass over all tenants; the failure of one does not keep the others from theirs.</summary>
    public async Task RunAsync(RetentionOptions options, CancellationToken cancellationToken)
    {
        var tenants = new List<TenantId>();
        await foreach (var tenant in manifests.ListTenantsAsync(cancellationToken))
        {
            tenants.Add(tenant);
        }

        foreach (var tenant in tenants)
        {
            try
            {
                await RunAsync(tenant, options, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed();
                LogFailed(logger, tenant, e);
            }
        }
    }

    private async Task RunAsync(TenantId tenant, RetentionOptions options, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var current = await ListAsync(tenant, cancellationToken);
        foreach (var (manifest, decisions) in RetentionPlanner.Plan(current, options.PolicyOf(tenant), now))
        {
            var ulids = decisions.Select(static x => x.Block.Ulid).ToHashSet();
            current[current.IndexOf(manifest)] = await manifests.UpdateAsync(
                tenant, manifest.Partition, x => x.WithoutBlocks(ulids, now, Reason), cancellationToken);
            foreach (var decision in decisions)
            {
                metrics.Retired(decision.Cause, decision.Block.Bytes);
                LogRetired(logger, tenant, manifest.Partition, decision.Block.Ulid, decision.Cause);
            }
        }

        var listed = current.SelectMany(static x => x.Blocks).Select(static x => x.Ulid).ToHashSet();
        await DeleteRetiredAsync(tenant, current, listed, now - (long)options.DeleteDelay.TotalMilliseconds, cancellationToken);
        var known = current.SelectMany(static x => x.Retired).Select(static x => x.Ulid).Concat(listed).ToHashSet();
        _deleted.RemoveWhere(x => x.Tenant == tenant && !known.Contains(x.Ulid));
        if (!_orphansSought.TryGetValue(tenant, out var sought) || time.GetElapsedTime(sought) >= options.OrphanInterval)
        {
            var begun = time.GetTimestamp();
            await DeleteOrphansAsync(tenant, known, time.GetUtcNow() - options.OrphanDelay, cancellationToken);
            _orphansSought[tenant] = begun;
        }

        var forgetBefore = now - (long)(options.RememberRetired + options.DeleteDelay).TotalMilliseconds;
        foreach (var manifest in current.Where(x => x.Retired.Any(y => y.RetiredAt < forgetBefore)))
        {
            await manifests.UpdateAsync(tenant, manifest.Partition, x => x.WithoutRetiredBefore(forgetBefore), cancellationToken);
        }
    }

    private async Task DeleteRetiredAsync(
        TenantId tenant, List<Manifest> current, HashSet<string> listed, long deleteBefore, CancellationToken cancellationToken)
    {
        foreach (var retired in current.SelectMany(static x => x.Retired))
        {
            // A block may be listed for several partitions: the last one that lets go of it counts.
            if (retired.RetiredAt > deleteBefore || listed.Contains(retired.Ulid) || _deleted.Contains((tenant, retired.Ulid)))
            {
                continue;
            }

            await BlockUpload.DeleteAsync(objects, tenant, retired.Ulid, cancellationToken);
            _deleted.Add((tenant, retired.Ulid));
            metrics.Deleted();
            LogDeleted(logger, tenant, retired.Ulid);
        }
    }

    private async Task DeleteOrphansAsync(TenantId tenant, HashSet<string> known, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<string, DateTimeOffset>();
        await foreach (var entry in objects.ListAsync($"{tenant}/", cancellationToken))
        {
            var rest = entry.Key.AsSpan(tenant.Value.Length + 1);
            var slash = rest.IndexOf('/');
            if (slash > 0 && Ulid.TryParse(rest[..slash], out _))
            {
                var ulid = rest[..slash].ToString();
                newest[ulid] = newest.TryGetValue(ulid, out var other) && other > entry.LastModified ? other : entry.LastModified;
            }
        }

        foreach (var (ulid, modified) in newest)
        {
            if (modified < before && !known.Contains(ulid) && await IsOursAsync(tenant, ulid, cancellationToken))
            {
                await BlockUpload.DeleteAsync(objects, tenant, ulid, cancellationToken);
                metrics.OrphanDeleted();
                LogOrphan(logger, tenant, ulid);
            }
        }
    }

    /// <summary>Whether it is an upload of ours, or the beginning of one. A whole block of another program is left alone: somebody put it there.</summary>
    private async Task<bool> IsOursAsync(TenantId tenant, string ulid, CancellationToken cancellationToken)
    {
        var meta = await objects.GetAsync($"{BlockUpload.Prefix(tenant, ulid)}/{BlockMeta.FileName}", cancellationToken);
        return meta is null || BlockMeta.Parse(meta.Content.Span).Deucalion is not null;
    }

    private async Task<List<Manifest>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var list = new List<Manifest>();
        await foreach (var manifest in manifests.ListAsync(tenant, cancellationToken))
        {
            list.Add(manifest);
        }

        return list;
    }

    [LoggerMessage(1, LogLevel.Warning, "Retention of tenant {Tenant} failed; it will be tried again")]
    private static partial void LogFailed(ILogger logger, TenantId tenant, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Tenant {Tenant} partition {Partition}: block {Ulid} leaves by {Cause}")]
    private static partial void LogRetired(ILogger logger, TenantId tenant, PartitionId partition, string ulid, RetentionCause cause);

    [LoggerMessage(3, LogLevel.Information, "Tenant {Tenant}: objects of retired block {Ulid} deleted")]
    private static partial void LogDeleted(ILogger logger, TenantId tenant, string ulid);

    [LoggerMessage(4, LogLevel.Information, "Tenant {Tenant}: upload {Ulid}, which no manifest lists, deleted")]
    private static partial void LogOrphan(ILogger logger, TenantId tenant, string ulid);
}
