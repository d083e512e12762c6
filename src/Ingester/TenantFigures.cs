using Deucalion.Common.Tenants;

namespace Deucalion.Ingester;

/// <summary>What a node has of a tenant now.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="ActiveSeries">Series with recent samples in the partitions that this node leads.</param>
/// <param name="SamplesPerSecond">Samples a second that this node has lately taken from senders.</param>
public sealed record TenantFigures(TenantId Tenant, long ActiveSeries, double SamplesPerSecond);
