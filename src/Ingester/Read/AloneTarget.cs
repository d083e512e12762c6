using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Read;

/// <summary>The targets of a process alone: itself, which knows all partitions there are.</summary>
internal sealed class AloneTarget(string node) : IReadTargets
{
    /// <inheritdoc/>
    public IReadOnlyList<ReadTarget> Current { get; } = [new ReadTarget(node, string.Empty, IsSelf: true)];

    /// <inheritdoc/>
    public IReadOnlyList<ReadTarget> WithoutLease => [];

    /// <inheritdoc/>
    public IReadOnlyCollection<PartitionId> KnownPartitions => [];

    /// <inheritdoc/>
    public TimeSpan Age => TimeSpan.Zero;

    /// <inheritdoc/>
    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
