using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Read;

/// <summary>What a node is asked of its heads. Times are Unix milliseconds, both included.</summary>
internal sealed record NodeRead(TenantId Tenant, IReadOnlyList<LabelMatcher> Matchers, long MinTime, long MaxTime)
{
    /// <summary>The partitions that are asked for; null: all.</summary>
    public IReadOnlySet<PartitionId>? Only { get; init; }
}
