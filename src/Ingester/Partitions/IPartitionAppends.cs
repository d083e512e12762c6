using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Partitions;

/// <summary>The way to a partition's actor, wherever it is. Thread-safe.</summary>
internal interface IPartitionAppends
{
    /// <summary>Hands the request over; it is completed in any case, with a retryable failure where the partition cannot be reached.</summary>
    void Append(PartitionId partition, AppendRequest request);
}
