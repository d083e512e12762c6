using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

public sealed class IngestionLimiterTests
{
    private readonly ManualTime _time = new();
    private int _nodes = 1;

    [Fact]
    public void TakesItsShareOfTheRate_WhenThereAreMoreNodes()
    {
        var limits = TenantLimits.Default with { IngestionRate = 300, IngestionBurst = 100, Bounds = TenantLimits.Default };
        _nodes = 3;
        var limiter = new IngestionLimiter(() => _nodes, _time);
        Assert.Null(limiter.Refuse(TenantId.Anonymous, limits, 100));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        var refusal = limiter.Refuse(TenantId.Anonymous, limits, 60);
        Assert.Equal(
            "tenant \"anonymous\": 60 samples more, after a burst of 100, on one of 3 nodes, exceed the limit of 300 samples/s (ingestion_rate); raise it in limits.overrides.anonymous.ingestion_rate",
            refusal!.Text);
        Assert.Equal(TimeSpan.FromSeconds(0.1), refusal.RetryAfter);

        // The others are gone: all of the rate is this node's.
        _nodes = 1;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(limiter.Refuse(TenantId.Anonymous, limits, 75));
        _nodes = 0;
        Assert.Equal(1, limiter.Nodes);
    }

    [Fact]
    public void TakesEverything_WhenThereIsNoRate()
    {
        var limiter = new IngestionLimiter(static () => 1, _time);
        Assert.Null(limiter.Refuse(TenantId.Anonymous, TenantLimits.Default with { IngestionBurst = 1 }, 1_000_000));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([(TenantId.Anonymous, 100_000.0)], limiter.Rates());
    }

    [Fact]
    public void AllocatesNothing_WhenTheRequestIsTaken()
    {
        var limits = TenantLimits.Default with { IngestionRate = 10 };
        var limiter = new IngestionLimiter(static () => 1, _time);
        var least = long.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            // The runtime itself may allocate on this thread, once, for code that it has just made.
            var before = GC.GetAllocatedBytesForCurrentThread();
            limiter.Refuse(TenantId.Anonymous, limits, 1);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void NamesABoundedNumberOfTenantsInMetrics()
    {
        var names = new TenantNames(2);
        Assert.Equal(["a", "b", TenantNames.Other, "a"], new[] { "a", "b", "c", "a" }.Select(name => names.Of(Tenant(name))));
        Assert.False(TenantId.TryParse(TenantNames.Other, out _, out _));
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new ArgumentException(error);
}
