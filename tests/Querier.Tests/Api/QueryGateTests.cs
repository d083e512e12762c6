using System.Diagnostics.Metrics;
using Deucalion.Common.Tenants;
using Deucalion.Querier.Api;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class QueryGateTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly QuerierMetrics _metrics;

    public QueryGateTests()
    {
        _metrics = new QuerierMetrics(_services.GetRequiredService<IMeterFactory>());
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task GivesPlacesToTenantsInTurn_WhenAllAreTaken()
    {
        var gate = new QueryGate(1, _metrics);
        await gate.EnterAsync(Tenant("a"), 100, CancellationToken.None);
        var order = new List<string>();
        Task[] waiting = [Wait("a1"), Wait("a2"), Wait("a3"), Wait("b1"), Wait("c1")];
        for (var i = 0; i < waiting.Length; i++)
        {
            var before = order.Count;
            gate.Leave(Tenant(before == 0 ? "a" : order[before - 1][..1]));
            await WaitUntil(() => Count() > before);
        }

        await Task.WhenAll(waiting);
        Assert.Equal(["a1", "b1", "c1", "a2", "a3"], order);
        gate.Leave(Tenant("a"));
        Assert.True(gate.EnterAsync(Tenant("d"), 100, CancellationToken.None).AsTask().IsCompletedSuccessfully);

        async Task Wait(string name)
        {
            await gate.EnterAsync(Tenant(name[..1]), 100, CancellationToken.None);
            lock (order)
            {
                order.Add(name);
            }
        }

        int Count()
        {
            lock (order)
            {
                return order.Count;
            }
        }
    }

    [Fact]
    public async Task PassesThePlaceOn_WhenTheNextHasGivenUp()
    {
        var gate = new QueryGate(1, _metrics);
        await gate.EnterAsync(Tenant("a"), 100, CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        var first = gate.EnterAsync(Tenant("a"), 100, impatient.Token).AsTask();
        var second = gate.EnterAsync(Tenant("b"), 100, CancellationToken.None).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        gate.Leave(Tenant("a"));
        await second;
        gate.Leave(Tenant("b"));
        Assert.True(gate.EnterAsync(Tenant("a"), 100, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task KeepsTheNumberOfPlaces_WhenManyComeAndGiveUp()
    {
        const int Places = 3;
        const int Most = 2;
        var gate = new QueryGate(Places, _metrics);
        var random = new Random(4);
        var inside = 0;
        var ofTenant = new int[5];
        var tooMany = 0;
        var visits = Enumerable.Range(0, 400).Select(i => (Tenant: Tenant(((char)('a' + random.Next(5))).ToString()), GivesUp: random.Next(3) == 0)).ToArray();
        await Task.WhenAll(visits.Select(v => Task.Run(async () =>
        {
            using var cancellation = new CancellationTokenSource();
            var entering = gate.EnterAsync(v.Tenant, Most, cancellation.Token).AsTask();
            if (v.GivesUp)
            {
                await cancellation.CancelAsync();
            }

            try
            {
                await entering;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var own = v.Tenant.Value[0] - 'a';
            if (Interlocked.Increment(ref inside) > Places | Interlocked.Increment(ref ofTenant[own]) > Most)
            {
                Interlocked.Increment(ref tooMany);
            }

            await Task.Yield();
            Interlocked.Decrement(ref inside);
            Interlocked.Decrement(ref ofTenant[own]);
            gate.Leave(v.Tenant);
        })));
        Assert.Equal(0, tooMany);
        for (var i = 0; i < Places; i++)
        {
            Assert.True(gate.EnterAsync(Tenant("z"), 100, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        }

        Assert.False(gate.EnterAsync(Tenant("z"), 100, CancellationToken.None).AsTask().IsCompleted);
    }

    [Fact]
    public async Task LetsOthersPass_WhenATenantRunsAsManyAsItMay()
    {
        var gate = new QueryGate(3, _metrics);
        Assert.True(Enter("a", 1).IsCompletedSuccessfully);
        var second = Enter("a", 1);
        Assert.False(second.IsCompleted);
        Assert.True(gate.IsAtLimit(Tenant("a")));
        Assert.True(Enter("b", 1).IsCompletedSuccessfully);
        Assert.True(Enter("c", 1).IsCompletedSuccessfully);
        var fourth = Enter("d", 1);
        Assert.False(fourth.IsCompleted);
        Assert.False(gate.IsAtLimit(Tenant("d")));
        gate.Leave(Tenant("b"));
        await fourth;
        Assert.False(second.IsCompleted);
        gate.Leave(Tenant("a"));
        await second;

        Task Enter(string tenant, int most) => gate.EnterAsync(Tenant(tenant), most, CancellationToken.None).AsTask();
    }

    [Fact]
    public async Task LetsThoseWhoWaitIn_WhenTheLimitIsRaised()
    {
        var gate = new QueryGate(3, _metrics);
        await gate.EnterAsync(Tenant("a"), 1, CancellationToken.None);
        var second = gate.EnterAsync(Tenant("a"), 1, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        var third = gate.EnterAsync(Tenant("a"), 3, CancellationToken.None).AsTask();
        await Task.WhenAll(second, third);
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new ArgumentException(error);

    private static async Task WaitUntil(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }
}
