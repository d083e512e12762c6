using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Deletion;

/// <summary>A node that is asked to delete a tenant in partitions that it may lead. Thread-safe.</summary>
internal interface IDeletionNode
{
    /// <summary>One outcome for each of the partitions. Does not throw but where it is cancelled.</summary>
    Task<IReadOnlyList<PartitionOutcome>> DeleteAsync(TenantId tenant, IReadOnlyList<PartitionId> partitions, CancellationToken cancellationToken);
}
