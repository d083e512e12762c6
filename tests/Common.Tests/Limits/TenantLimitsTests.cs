using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Common.Tests.Limits;

public sealed class TenantLimitsTests
{
    private static readonly TenantId A = Tenant("a");

    [Fact]
    public void NamesLimitValueAndKey_WhenSomethingExceedsIt()
    {
        var limits = TenantLimits.Default with { IngestionRate = 10_000, Bounds = TenantLimits.Default };
        Assert.Equal(
            "tenant \"a\": 12,000 samples exceed the limit of 10,000 samples/s (ingestion_rate); raise it in limits.overrides.a.ingestion_rate",
            LimitText.Exceeded(A, limits, LimitName.IngestionRate, "12,000 samples exceed"));
    }

    [Fact]
    public void NamesTheNodesKey_WhenTheTenantHasAsMuchAsTheNodeGives()
    {
        var bounds = TenantLimits.Default;
        Assert.Equal("ingest.max_request_size", LimitText.KeyToRaise(A, bounds, LimitName.MaxRequestSize));
        var less = bounds with { MaxRequestBytes = 5, Bounds = bounds };
        Assert.Equal("limits.overrides.a.max_request_size", LimitText.KeyToRaise(A, less, LimitName.MaxRequestSize));
        Assert.Equal("query.timeout", LimitText.KeyToRaise(A, less, LimitName.QueryTimeout));
        Assert.Equal("limits.overrides.a.query_max_range", LimitText.KeyToRaise(A, less, LimitName.QueryMaxRange));
    }

    [Theory]
    [InlineData(LimitName.IngestionBurst, "200,000 samples")]
    [InlineData(LimitName.MaxLabelsPerSeries, "256")]
    [InlineData(LimitName.MaxLabelNameLength, "1,024 bytes")]
    [InlineData(LimitName.QueryTimeout, "2m")]
    [InlineData(LimitName.QueryMaxBytes, "1,073,741,824 bytes")]
    [InlineData(LimitName.QueryMaxConcurrent, "20")]
    public void ShowsValuesWithTheirUnits(LimitName name, string text) => Assert.Equal(text, LimitText.ValueOf(TenantLimits.Default, name));

    [Fact]
    public void HasATextForEveryLimit() => Assert.All(Enum.GetValues<LimitName>(), static name =>
    {
        Assert.NotEmpty(LimitNames.KeyOf(name));
        Assert.NotEmpty(LimitText.ValueOf(TenantLimits.Default, name));
    });

    [Fact]
    public void StaysWithinTheBoundsOfTheNode()
    {
        var bounds = TenantLimits.Default with { MaxLabelsPerSeries = 10, QueryTimeout = TimeSpan.FromSeconds(5), QueryMaxBytes = 7 };
        var limits = (TenantLimits.Default with { QueryMaxSamples = 3, IngestionRate = 1 }).Within(bounds);
        Assert.Equal((10, TimeSpan.FromSeconds(5), 7L, 3L, (long?)1), (limits.MaxLabelsPerSeries, limits.QueryTimeout, limits.QueryMaxBytes, limits.QueryMaxSamples, limits.IngestionRate));
        Assert.Same(bounds, limits.Bounds);
    }

    [Fact]
    public void GivesATenantItsOwn_AndOthersTheDefaults_UntilReplaced()
    {
        var own = TenantLimits.Default with { MaxActiveSeries = 5 };
        var limits = new ReloadableLimits(new LimitSet(TenantLimits.Default, new Dictionary<TenantId, TenantLimits> { [A] = own }));
        Assert.Same(own, limits.Of(A));
        Assert.Same(TenantLimits.Default, limits.Of(Tenant("b")));
        limits.Replace(LimitSet.Same(own));
        Assert.Same(own, limits.Of(Tenant("b")));
    }

    [Fact]
    public void AllocatesNothing_WhenAsked()
    {
        var limits = new ReloadableLimits(new LimitSet(TenantLimits.Default, new Dictionary<TenantId, TenantLimits> { [A] = TenantLimits.Default }));
        ITenantLimits asked = limits;
        _ = (asked.Of(A), asked.Of(TenantId.Anonymous));
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = asked.Of(A);
        _ = asked.Of(TenantId.Anonymous);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void MeasuresTheRateOfTheLastWindow()
    {
        var time = new ManualTime();
        var rate = new SampleRate(time);
        rate.Add(500);
        Assert.Equal(0, rate.PerSecond);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(50, rate.PerSecond);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, rate.PerSecond);
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new ArgumentException(error);
}
