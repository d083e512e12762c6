using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Deletion;

/// <summary>The partitions of a process alone.</summary>
internal sealed class AloneDeletionTargets(PartitionHost host, IDeletionNode local) : IDeletionTargets
{
    /// <inheritdoc/>
    public TimeSpan Patience => TimeSpan.Zero;

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<PartitionId>> PartitionsAsync(CancellationToken cancellationToken) => host.Current is { } set && host.IsReady
        ? Task.FromResult<IReadOnlyCollection<PartitionId>>([.. set.Partitions.Select(static handle => handle.Partition)])
        : throw new IOException("the ingester is starting or stopping");

    /// <inheritdoc/>
    public IDeletionNode? NodeOf(PartitionId partition, out string reason)
    {
        reason = string.Empty;
        return local;
    }

    /// <inheritdoc/>
    public void Learn(PartitionOutcome outcome)
    {
    }

    /// <inheritdoc/>
    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
