using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// What the samples of a tenant must keep in one partition. Series spread over the tenant's partitions by hash, so each enforces an even share of the series
/// that the tenant may have: wherever the partitions are, nobody need be asked. Thread-safe.
/// </summary>
internal sealed class TenantHeadLimits(Func<TenantId, HeadLimits> basic, ITenantLimits limits, TenantRoutes routes)
{
    /// <summary>The limits in force.</summary>
    public HeadLimits Of(TenantId tenant)
    {
        var head = basic(tenant);
        return limits.Of(tenant).MaxActiveSeries is { } most ? head with { MaxSeries = ShareOf(most, routes.Of(tenant).Width) } : head;
    }

    /// <summary>Why a series was one too many.</summary>
    public string SeriesLimitText(TenantId tenant)
    {
        var own = limits.Of(tenant);
        if (own.MaxActiveSeries is not { } most)
        {
            return "the tenant had as many series as it might";
        }

        var width = routes.Of(tenant).Width;
        var share = width > 1 ? $" ({LimitText.Number(ShareOf(most, width))} in each of the {width} partitions)" : string.Empty;
        return LimitText.Exceeded(tenant, own, LimitName.MaxActiveSeries, $"a new series{share} would exceed");
    }

    /// <summary>Series that one of so many partitions takes: rounded up, so that the shares are no less than the whole.</summary>
    private static int ShareOf(long most, int width) => (int)Math.Min(int.MaxValue, ((most - 1) / width) + 1);
}
