using Deucalion.Common.Tenants;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Deucalion.Storage.Head;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Xunit;

namespace Deucalion.Ingester.Tests;

public sealed class RoutesUpkeepTests : IAsyncLifetime
{
    private readonly LocalFileStore _store = new(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
    private readonly IngesterFixture _ingester = new(1);
    private readonly HeadResources _resources = new(1L << 30, poison: true);
    private readonly ManualTime _time = new();

    public async ValueTask InitializeAsync() => await _ingester.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _ingester.DisposeAsync();
        _resources.Dispose();
    }

    [Fact]
    public async Task TakesOverWhatOtherNodesOfTheClusterHaveWidened()
    {
        var (other, own) = (await StartRoutesAsync(), await StartRoutesAsync());
        Assert.Equal(4, await other.GrowAsync(TenantId.Anonymous, 390, CancellationToken.None));
        var upkeep = new IngesterUpkeep(
            _ingester.Module.Host, own, _ingester.Module.Shipper, _resources, _ingester.Options, isAlone: false, _ingester.Disk, _time, NullLogger<IngesterUpkeep>.Instance);
        using var stopping = new CancellationTokenSource();
        var running = upkeep.RunAsync(stopping.Token);
        Assert.Equal(1, own.Of(TenantId.Anonymous).Width);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(
            () => Task.FromResult(own.Of(TenantId.Anonymous).Width == 4), TimeSpan.FromSeconds(30), static () => "the width is taken over");
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task<TenantRoutes> StartRoutesAsync()
    {
        var routes = new TenantRoutes(new PlacementStore(_store), new RoutingOptions { Partitions = 8, AnonymousWidth = 1, SeriesPerPartition = 100 });
        await routes.StartAsync(CancellationToken.None);
        return routes;
    }
}
