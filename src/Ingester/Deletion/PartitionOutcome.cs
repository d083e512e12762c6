using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Ingester.Deletion;

/// <summary>What became of the deletion of a tenant in one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Failure">Why it is not known to be done, although trying again may help; null where it is done.</param>
/// <param name="Deleted">What has gone.</param>
internal sealed record PartitionOutcome(PartitionId Partition, string? Failure, DeletedData Deleted = default)
{
    /// <summary>Whether the node that was asked does not lead the partition.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>Where it does not: the partition's entry as known there, if any.</summary>
    public PartitionEntry? KnownEntry { get; init; }
}

/// <summary>What a deletion has taken.</summary>
/// <param name="WasKnown">Whether there was a head or a manifest of the tenant.</param>
/// <param name="Series">Series of heads.</param>
/// <param name="Blocks">Blocks of manifests.</param>
/// <param name="Bytes">Their bytes.</param>
internal readonly record struct DeletedData(bool WasKnown, long Series, long Blocks, long Bytes)
{
    /// <summary>Both together.</summary>
    public static DeletedData operator +(DeletedData a, DeletedData b) =>
        new(a.WasKnown || b.WasKnown, a.Series + b.Series, a.Blocks + b.Blocks, a.Bytes + b.Bytes);
}
