using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;
using Deucalion.Querier.Sources;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Querier.Tests.Sources;

public sealed class TenantSourcesTests : IDisposable
{
    private readonly SourcesFixture _fixture = new();
    private int _answers;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task MergesSeriesByLabels_FromHeadsAndBlocks()
    {
        var first = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1), (2000, 2)), TestSeries.Of("b", (1500, 5)));
        var second = await _fixture.PutBlockAsync(TestSeries.Of("a", (2000, 2), (3000, 3)), TestSeries.Of("c", (2500, 7)));
        _fixture.Manifests.Publish(FakeManifests.Block(first, 0, 3000), FakeManifests.Block(second, 2000, 4000));
        _fixture.Heads.Series = [TestSeries.Of("a", (3000, 3), (4000, 4)), TestSeries.Of("d", (4000, 9)), TestSeries.Of("d", (4500, 10))];
        Assert.Equal(["a 1000=1 2000=2 3000=3 4000=4", "b 1500=5", "c 2500=7", "d 4000=9 4500=10"], await _fixture.SelectAsync());
        Assert.Equal(["a 2000=2 3000=3", "c 2500=7"], (await _fixture.SelectAsync(2000, 3500)).Where(l => l.Contains('=')));
    }

    [Fact]
    public async Task ReadsTheSame_FromManyThreads()
    {
        var series = Enumerable.Range(0, 200).Select(i => TestSeries.Of($"m{i:000}", (1000, i), (2000, i + 1))).ToArray();
        _fixture.Manifests.Publish(FakeManifests.Block(await _fixture.PutBlockAsync(series), 0, 3000));
        _fixture.Heads.Series = [.. series.Select(s => s with { Samples = [(2000, s.Samples[1].Value), (3000, -1)] })];
        using var set = await _fixture.Sources.Samples(TenantId.Anonymous).SelectAsync(
            new SelectRequest { Matchers = SourcesFixture.All, MinTime = 0, MaxTime = 5000 }, CancellationToken.None);
        var expected = Enumerable.Range(0, 200).Select(i => $"m{i:000} 1000={i} 2000={i + 1} 3000=-1").ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Assert.Equal(expected, SourcesFixture.Lines(set)))));
    }

    [Fact]
    public async Task FindsABlockThatTheKeptListLacks_WhenAHeadNamesIt()
    {
        _fixture.Heads.Series = [TestSeries.Of("a", (1000, 1))];
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(1, _fixture.Manifests.Reads);

        var block = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        _fixture.Heads.Change([], [new TruncatedGeneration(0, 1, block)]);
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(2, _fixture.Manifests.Reads);
    }

    [Fact]
    public async Task ShowsNothingOfADeletedTenant_WhenAHeadNamesTheDeletion()
    {
        const string Deletion = "01J00000000000000000000001";
        var block = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());

        // The kept list still has the block. No head said that it was handed over to: it has been in the bucket for long.
        _fixture.Manifests.DeleteTenant(Deletion);
        _fixture.Heads.Change([], [new TruncatedGeneration(0, 0, Deletion)]);
        Assert.Empty(await _fixture.SelectAsync());
        Assert.Empty(await _fixture.Sources.LabelNamesAsync(TenantId.Anonymous, [], 0, 5000, CancellationToken.None));
        Assert.Equal(2, _fixture.Manifests.Reads);
    }

    [Fact]
    public async Task Fails_WhenNoManifestShowsABlockThatAHeadNames()
    {
        _fixture.Heads.Truncated = [new TruncatedGeneration(3, 7, "01LOST")];
        var error = await Assert.ThrowsAsync<MissingBlockException>(() => _fixture.SelectAsync());
        Assert.Contains("partition 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("01LOST", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MissingBlockException>(
            () => _fixture.Sources.LabelNamesAsync(TenantId.Anonymous, [], 0, 5000, CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<MissingBlockException>(
            () => _fixture.Sources.LabelValuesAsync(TenantId.Anonymous, "job", [], 0, 5000, CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<MissingBlockException>(
            () => _fixture.Sources.SeriesAsync(TenantId.Anonymous, SourcesFixture.All, 0, 5000, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task OrdersExemplarsByLabels()
    {
        var (a, b) = (new SeriesExemplars(Labels.Of(("__name__", "a")), []), new SeriesExemplars(Labels.Of(("__name__", "b")), []));
        _fixture.Heads.Exemplars = [b, a];
        Assert.Equal([a, b], await _fixture.Sources.ExemplarsAsync(TenantId.Anonymous, [SourcesFixture.All], 0, 5000, CancellationToken.None));
    }

    [Fact]
    public async Task DoesNotShareARead_ThatBeganBeforeTheHeadAnswered()
    {
        var block = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Manifests.BeforeRead = () =>
        {
            reading.TrySetResult();
            return goOn.Task;
        };
        var early = _fixture.SelectAsync();
        await reading.Task;
        _fixture.Heads.Truncated = [new TruncatedGeneration(0, 1, block)];
        var late = _fixture.SelectAsync();
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        goOn.SetResult();
        await early;
        Assert.Equal(["a 1000=1"], await late);
        Assert.Equal(2, _fixture.Manifests.Reads);
    }

    [Fact]
    public async Task TakesARetiredBlockForGone_WhenAHeadStillNamesIt()
    {
        var merged = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Replace(["01SOURCE"], FakeManifests.Block(merged, 0, 2000));
        _fixture.Heads.Truncated = [new TruncatedGeneration(0, 1, "01SOURCE")];
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
    }

    [Fact]
    public async Task TakesABlockOfLongAgoForForgotten_WhenAnIdleHeadStillNamesIt()
    {
        _fixture.Heads.Change([TestSeries.Of("a", (1000, 1))], [new TruncatedGeneration(0, 1, Ulid.Create(DateTimeOffset.UtcNow.AddHours(-3)).ToString())]);
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(1, _fixture.Manifests.Reads);

        _fixture.Heads.Truncated = [.. _fixture.Heads.Truncated, new TruncatedGeneration(0, 2, Ulid.Create(DateTimeOffset.UtcNow.AddMinutes(-3)).ToString())];
        await Assert.ThrowsAsync<MissingBlockException>(() => _fixture.SelectAsync());
    }

    [Fact]
    public async Task ReadsTheSuccessor_WhenAListedBlockIsGone()
    {
        var source = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(source, 0, 2000));
        await _fixture.Catalog.RefreshAsync(TenantId.Anonymous, CancellationToken.None);

        var merged = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Replace([source], FakeManifests.Block(merged, 0, 2000));
        _fixture.Store.DeletePrefix($"anonymous/{source}/");
        Assert.Equal(["a 1000=1"], await _fixture.SelectAsync());
        Assert.Equal(2, _fixture.Manifests.Reads);
    }

    [Fact]
    public async Task Fails_WhenAListedBlockStaysMissing()
    {
        _fixture.Manifests.Publish(FakeManifests.Block("01GONE", 0, 2000), FakeManifests.Block("01GONE2", 0, 2000));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => _fixture.SelectAsync());
        Assert.Empty(await _fixture.SelectAsync(5000, 6000));
    }

    [Fact]
    public async Task UnitesNamesValuesAndSeries_OfHeadsAndBlocks()
    {
        var block = await _fixture.PutBlockAsync(new TestSeries(Labels.Of(("__name__", "a"), ("zone", "b")), [(1000, 1)]), TestSeries.Of("c", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        _fixture.Heads.Series = [new TestSeries(Labels.Of(("__name__", "d"), ("host", "x")), [(3000, 1)]), TestSeries.Of("c", (3000, 1))];
        var sources = _fixture.Sources;
        Assert.Equal(["__name__", "host", "job", "zone"], await sources.LabelNamesAsync(TenantId.Anonymous, [], 0, 5000, CancellationToken.None));
        Assert.Equal(["a", "c", "d"], await sources.LabelValuesAsync(TenantId.Anonymous, "__name__", [], 0, 5000, CancellationToken.None));
        Assert.Equal(["c"], await sources.LabelValuesAsync(TenantId.Anonymous, "__name__", [new(MatchType.Equal, "job", "t")], 0, 5000, CancellationToken.None));
        Assert.Equal(["c", "d"], await sources.LabelValuesAsync(TenantId.Anonymous, "__name__", [], 2500, 5000, CancellationToken.None));
        var series = await sources.SeriesAsync(TenantId.Anonymous, SourcesFixture.All, 0, 5000, CancellationToken.None);
        Assert.Equal(3, series.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task NeverMissesASample_WhileBlocksAreCutCompactedAndDeleted(int seed)
    {
        using var done = new CancellationTokenSource();
        _fixture.Heads.Series = Windows(Enumerable.Range(0, 12));
        var world = Task.Run(() => LiveAsync(new Random(seed), done));
        while (!done.IsCancellationRequested)
        {
            // Every window lives in exactly one place at a time, so each sample must be there whatever happens meanwhile.
            var lines = await _fixture.SelectAsync();
            Assert.Equal($"w {string.Join(' ', Enumerable.Range(0, 12).Select(w => $"{w * 1000}={w}"))}", Assert.Single(lines));
            Interlocked.Increment(ref _answers);
        }

        await world;
        Assert.True(_answers > 0);
    }

    private async Task LiveAsync(Random random, CancellationTokenSource done)
    {
        var inHead = Enumerable.Range(0, 12).ToList();
        var inBlocks = new List<(string Ulid, int[] Windows)>();
        var truncated = new List<TruncatedGeneration>();
        var doomed = new List<(int Answers, string Ulid)>();
        for (var step = 0; step < 40; step++)
        {
            if (inHead.Count > 0 && (inBlocks.Count < 2 || random.Next(2) == 0))
            {
                var window = inHead[random.Next(inHead.Count)];
                var ulid = await _fixture.PutBlockAsync([.. Windows([window])]);
                _fixture.Manifests.Publish(FakeManifests.Block(ulid, window * 1000, (window * 1000) + 1));
                inHead.Remove(window);
                inBlocks.Add((ulid, [window]));
                truncated.Add(new TruncatedGeneration(0, window, ulid));
                _fixture.Heads.Change(Windows(inHead), [.. truncated]);
            }
            else
            {
                var sources = inBlocks.OrderBy(_ => random.Next()).Take(2).ToList();
                int[] windows = [.. sources.SelectMany(s => s.Windows).Order()];
                var ulid = await _fixture.PutBlockAsync([.. Windows(windows)]);
                _fixture.Manifests.Replace([.. sources.Select(s => s.Ulid)], FakeManifests.Block(ulid, windows[0] * 1000, (windows[^1] * 1000) + 1));
                inBlocks.RemoveAll(sources.Contains);
                inBlocks.Add((ulid, windows));

                doomed.AddRange(sources.Select(s => (Volatile.Read(ref _answers), s.Ulid)));
            }

            // Sources stay for the queries that run when they are replaced, but not, as in the product, for as long as a list may be kept.
            foreach (var (_, ulid) in doomed.Where(d => d.Answers < Volatile.Read(ref _answers)))
            {
                _fixture.Store.DeletePrefix($"anonymous/{ulid}/");
            }

            await Task.Yield();
        }

        await done.CancelAsync();
    }

    private static List<TestSeries> Windows(IEnumerable<int> windows) =>
        windows.Any() ? [TestSeries.Of("w", [.. windows.Order().Select(w => (w * 1000L, (double)w))])] : [];
}
