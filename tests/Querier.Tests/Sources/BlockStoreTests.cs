using System.Diagnostics.Metrics;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;
using Xunit;

namespace Deucalion.Querier.Tests.Sources;

public sealed class BlockStoreTests : IDisposable
{
    private readonly SourcesFixture _fixture = new();
    private readonly MeterListener _listener = new();
    private long _open;

    public BlockStoreTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "deucalion_querier_blocks_open" && ReferenceEquals(instrument.Meter.Scope, _fixture.Meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _open, change));
        _listener.Start();
    }

    public void Dispose()
    {
        _fixture.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task OpensABlockOnce_WhenManyQueriesNeedIt()
    {
        _fixture.Manifests.Publish(FakeManifests.Block(await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1))), 0, 2000));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _fixture.SelectAsync())));
        Assert.All(answers, a => Assert.Equal(["a 1000=1"], a));
        Assert.Equal(1, Interlocked.Read(ref _open));
    }

    [Fact]
    public async Task ClosesABlock_WhenItIsNoLongerListed()
    {
        var source = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(source, 0, 2000));
        using var set = await _fixture.Sources.Samples(TenantId.Anonymous).SelectAsync(
            new SelectRequest { Matchers = SourcesFixture.All, MinTime = 0, MaxTime = 5000 }, CancellationToken.None);
        Assert.Equal(1, Interlocked.Read(ref _open));

        _fixture.Manifests.Replace([source]);
        _fixture.Store.DeletePrefix($"anonymous/{source}/");
        await _fixture.Catalog.RefreshAsync(TenantId.Anonymous, CancellationToken.None);
        Assert.Equal(0, Interlocked.Read(ref _open));

        // Who has selected before goes on reading.
        Assert.Equal(["a 1000=1"], SourcesFixture.Lines(set));
        Assert.Empty(await _fixture.SelectAsync());
    }

    [Fact]
    public async Task TriesAgain_WhenOpeningFailedBefore()
    {
        var block = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        var meta = await _fixture.Store.GetAsync($"anonymous/{block}/meta.json", CancellationToken.None);
        await _fixture.Store.DeleteAsync($"anonymous/{block}/meta.json", CancellationToken.None);
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        await Assert.ThrowsAnyAsync<IOException>(() => _fixture.SelectAsync());
        await _fixture.Store.PutAsync($"anonymous/{block}/meta.json", meta!.Content, CancellationToken.None);
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
    }
}
