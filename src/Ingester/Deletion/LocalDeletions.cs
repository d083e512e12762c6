using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Deletion;

/// <summary>Deletes tenants in the partitions that this node leads. Thread-safe.</summary>
internal sealed class LocalDeletions(string node, PartitionHost host, PartitionDeletions deletions, DeletionOptions options, TimeProvider time) : IDeletionNode
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionOutcome>> DeleteAsync(TenantId tenant, IReadOnlyList<PartitionId> partitions, CancellationToken cancellationToken)
    {
        var outcomes = new PartitionOutcome[partitions.Count];
        using var deadline = new CancellationTokenSource(options.CallDeadline, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, partitions.Count, parallel, async (i, _) => outcomes[i] = await DeleteAsync(tenant, partitions[i], ended.Token, cancellationToken));
        return outcomes;
    }

    private async Task<PartitionOutcome> DeleteAsync(TenantId tenant, PartitionId partition, CancellationToken ended, CancellationToken cancellationToken)
    {
        if (IsElsewhere(partition) is { } elsewhere)
        {
            return elsewhere;
        }

        if (!host.IsReady || host.Current?.GetOrAdd(partition) is not { } handle)
        {
            return new PartitionOutcome(partition, $"node {node} is starting or stopping");
        }

        try
        {
            return new PartitionOutcome(partition, null, await deletions.DeleteAsync(handle, tenant, ended));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PartitionOutcome(partition, $"not done within {options.CallDeadline.TotalSeconds} s");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return IsElsewhere(partition) ?? new PartitionOutcome(partition, e.Message);
        }
    }

    private PartitionOutcome? IsElsewhere(PartitionId partition) => host.EntryOf(partition) is { } entry && entry.Primary != node
        ? new PartitionOutcome(partition, $"node {node} does not lead partition {partition}") { IsElsewhere = true, KnownEntry = entry }
        : null;
}
