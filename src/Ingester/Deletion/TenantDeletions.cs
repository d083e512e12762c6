using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Deletion;

/// <summary>
/// Deletes a tenant everywhere: in every partition that exists, and in those that have no log although the bucket has a manifest of them. Each is asked at its
/// primary, again where it does not answer, until all have said that the deletion is committed and in their manifest, or the patience ends. Repeating it does no harm:
/// it is another deletion, of what came since. Thread-safe.
/// </summary>
internal sealed partial class TenantDeletions(
    IDeletionTargets targets, ManifestStore manifests, DeletionOptions options, DeletionMetrics metrics, TimeProvider time, ILogger<TenantDeletions> logger)
{
    private const int MaxNamed = 20;

    /// <summary>Deletes a tenant for somebody.</summary>
    /// <exception cref="IOException">The bucket does not answer.</exception>
    public async Task<TenantDeletionAnswer> DeleteAsync(TenantId tenant, string who, CancellationToken cancellationToken)
    {
        LogBegins(logger, tenant, who);
        var answer = await AskAllAsync(tenant, cancellationToken);
        if (answer.Failure is { } failure)
        {
            metrics.Answered("unavailable");
            LogUnfinished(logger, tenant, who, failure);
        }
        else if (!answer.WasKnown)
        {
            metrics.Answered("not_found");
        }
        else
        {
            metrics.Answered("deleted");
            LogDeleted(logger, tenant, who, answer.Series, answer.Blocks, answer.Bytes, answer.Partitions);
        }

        return answer;
    }

    private async Task<TenantDeletionAnswer> AskAllAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        HashSet<PartitionId> missing;
        try
        {
            missing = [.. await targets.PartitionsAsync(cancellationToken)];
            await foreach (var manifest in manifests.ListAsync(tenant, cancellationToken))
            {
                missing.Add(manifest.Partition);
            }
        }
        catch (IOException e)
        {
            return new TenantDeletionAnswer(false, 0, 0, 0, 0) { Failure = $"nothing has been deleted: {e.Message}" };
        }

        var count = missing.Count;
        var deleted = default(DeletedData);
        var started = time.GetTimestamp();
        for (var pause = options.FirstPause; ; pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause)
        {
            var failures = new SortedDictionary<PartitionId, string>(Comparer<PartitionId>.Create(static (a, b) => a.Value.CompareTo(b.Value)));
            foreach (var outcome in await AskAsync(tenant, missing, cancellationToken))
            {
                if (outcome.Failure is null)
                {
                    deleted += outcome.Deleted;
                    missing.Remove(outcome.Partition);
                }
                else
                {
                    failures[outcome.Partition] = outcome.Failure;
                    targets.Learn(outcome);
                }
            }

            if (missing.Count == 0 || time.GetElapsedTime(started) + pause >= targets.Patience)
            {
                return new TenantDeletionAnswer(deleted.WasKnown, count, deleted.Series, deleted.Blocks, deleted.Bytes) { Failure = Describe(failures, count) };
            }

            await Task.Delay(pause, time, cancellationToken);
            await targets.RefreshAsync(cancellationToken);
        }
    }

    /// <summary>Asks each node once, all at the same time.</summary>
    private async Task<IEnumerable<PartitionOutcome>> AskAsync(TenantId tenant, IEnumerable<PartitionId> partitions, CancellationToken cancellationToken)
    {
        var outcomes = new List<PartitionOutcome>();
        var byNode = new Dictionary<IDeletionNode, List<PartitionId>>();
        foreach (var partition in partitions)
        {
            if (targets.NodeOf(partition, out var reason) is not { } node)
            {
                outcomes.Add(new PartitionOutcome(partition, reason));
            }
            else if (byNode.TryGetValue(node, out var list))
            {
                list.Add(partition);
            }
            else
            {
                byNode.Add(node, [partition]);
            }
        }

        var answers = await Task.WhenAll(byNode.Select(x => x.Key.DeleteAsync(tenant, x.Value, cancellationToken)));
        return outcomes.Concat(answers.SelectMany(static x => x));
    }

    private static string? Describe(SortedDictionary<PartitionId, string> failures, int count)
    {
        if (failures.Count == 0)
        {
            return null;
        }

        var more = failures.Count > MaxNamed ? $"; and {failures.Count - MaxNamed} more" : string.Empty;
        var named = string.Join("; ", failures.Take(MaxNamed).Select(static x => $"partition {x.Key}: {x.Value}"));
        return $"{failures.Count} of {count} partitions are not known to have deleted the tenant: {named}{more}";
    }

    [LoggerMessage(1, LogLevel.Information, "Tenant {Tenant} is to be deleted, asked for by {Who}")]
    private static partial void LogBegins(ILogger logger, TenantId tenant, string who);

    [LoggerMessage(2, LogLevel.Information, "Tenant {Tenant} was deleted, asked for by {Who}: {Series} series of heads and {Blocks} blocks of {Bytes} bytes, in {Partitions} partitions")]
    private static partial void LogDeleted(ILogger logger, TenantId tenant, string who, long series, long blocks, long bytes, int partitions);

    [LoggerMessage(3, LogLevel.Warning, "Tenant {Tenant} was not deleted everywhere, asked for by {Who}: {Failure}")]
    private static partial void LogUnfinished(ILogger logger, TenantId tenant, string who, string failure);
}
