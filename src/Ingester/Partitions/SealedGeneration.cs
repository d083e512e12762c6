using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>A generation that takes no more samples and is to become a block.</summary>
internal sealed record SealedGeneration(TenantId Tenant, PartitionId Partition, SealedWindow Window);
