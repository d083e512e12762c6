using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;

namespace Deucalion.Querier.Sources;

/// <summary>The samples of one tenant, for the engine. Thread-safe.</summary>
internal sealed class TenantQueryable(TenantSources sources, TenantId tenant) : PromQL.Sources.IQueryable
{
    public ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken) =>
        sources.SelectAsync(tenant, request, cancellationToken);
}
