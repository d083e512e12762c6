using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Xunit;

namespace Deucalion.Ingester.Tests;

/// <summary>How many series a tenant may have.</summary>
public sealed class SeriesLimitTests
{
    private static readonly TenantId Team = TenantId.TryParse("team", out var tenant, out _) ? tenant : throw new InvalidOperationException();

    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public async Task RefusesNewSeriesAndGoesOnWithKnownOnes_WhenATenantHasAsManyAsItMay()
    {
        await using var ingester = Limited(5, out var limits);
        await ingester.StartAsync();
        var outcome = await ingester.WriteAsync(Team, Samples(0, 7, Now));
        Assert.Equal((5, 2, (string?)null), (outcome.Stored, outcome.Rejected, outcome.RetryableFailure));
        Assert.StartsWith("rejected 2 invalid samples (series_limit: 2)\n", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Contains(
            "series_limit: tenant \"team\": a new series would exceed the limit of 5 (max_active_series); raise it in limits.overrides.team.max_active_series: sample at ",
            outcome.RejectionMessage,
            StringComparison.Ordinal);

        outcome = await ingester.WriteAsync(Team, Samples(0, 7, Now + 1));
        Assert.Equal((5, 2), (outcome.Stored, outcome.Rejected));
        Assert.Equal(10, (await ingester.ReadHeadsAsync(Team)).Count);
        Assert.Equal(0, (await ingester.WriteAsync(TenantId.Anonymous, Samples(0, 100, Now))).Rejected);

        limits.Replace(LimitSet.Same(TenantLimits.Default with { MaxActiveSeries = 6 }));
        Assert.Equal(1, (await ingester.WriteAsync(Team, Samples(0, 7, Now + 2))).Rejected);
        limits.Replace(LimitSet.Same(TenantLimits.Default));
        Assert.Equal(0, (await ingester.WriteAsync(Team, Samples(0, 7, Now + 3))).Rejected);
        Assert.Equal([("anonymous", 100L), ("team", 7L)], ingester.Module.DescribeTenants().Select(static x => (x.Tenant.Value, x.ActiveSeries)).Order());
    }

    [Fact]
    public async Task LetsPartitionsTakeEvenShares_WhenATenantHasSeveral()
    {
        await using var ingester = Limited(9, out var limits);
        limits.Replace(LimitSet.Same(TenantLimits.Default with { MaxActiveSeries = 9 }));
        await ingester.StartAsync();
        var outcome = await ingester.WriteAsync(TenantId.Anonymous, Samples(0, 100, Now));
        Assert.Equal((9, 91), (outcome.Stored, outcome.Rejected));
        Assert.Contains("a new series (3 in each of the 3 partitions) would exceed the limit of 9 (max_active_series)", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Equal(9, (await ingester.ReadHeadsAsync(TenantId.Anonymous)).Count);
    }

    private static IngesterFixture Limited(long most, out ReloadableLimits limits)
    {
        var own = new Dictionary<TenantId, TenantLimits> { [Team] = TenantLimits.Default with { MaxActiveSeries = most } };
        limits = new ReloadableLimits(new LimitSet(TenantLimits.Default, own));
        var ingester = new IngesterFixture(3);
        ingester.Options = ingester.Options with { Limits = limits };
        return ingester;
    }

    private static List<(string Series, long Time, double Value)> Samples(int first, int count, long time) =>
        [.. Enumerable.Range(first, count).Select(i => (IngesterFixture.Name(i), time, (double)i))];
}
