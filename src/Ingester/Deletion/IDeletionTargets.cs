using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Deletion;

/// <summary>Which partitions there are, and who leads them. Thread-safe.</summary>
internal interface IDeletionTargets
{
    /// <summary>How long partitions are asked again.</summary>
    TimeSpan Patience { get; }

    /// <summary>The partitions that exist: what was there when the call began is among them.</summary>
    /// <exception cref="IOException">That cannot be said now.</exception>
    Task<IReadOnlyCollection<PartitionId>> PartitionsAsync(CancellationToken cancellationToken);

    /// <summary>The node to ask about a partition, or null with the reason why there is none.</summary>
    IDeletionNode? NodeOf(PartitionId partition, out string reason);

    /// <summary>A node that was asked does not lead a partition.</summary>
    void Learn(PartitionOutcome outcome);

    /// <summary>Before partitions are asked again: looks at what has changed, if it can.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}
