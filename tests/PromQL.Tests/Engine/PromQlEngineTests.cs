using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Sources;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Engine;

public sealed class PromQlEngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static PromQlEngine Engine(EngineOptions? options = null) => new(options ?? new EngineOptions(), TimeProvider.System, null);

    private static MemoryStore Store(int series = 1, int samples = 10)
    {
        var store = new MemoryStore();
        for (var s = 0; s < series; s++)
        {
            var labels = Labels.Of(("__name__", "m_total"), ("job", $"j{s % 7}"), ("i", $"{s}"));
            for (var i = 0; i < samples; i++)
            {
                store.Add(labels, i * 10_000, i);
            }
        }

        return store;
    }

    [Fact]
    public async Task FailsAsBadData_WhenQueryDoesNotParse()
    {
        var e = await Assert.ThrowsAsync<QueryException>(async () => await Engine().InstantAsync(Store(), "sum(", 0, QueryOptions.Default, Token));
        Assert.Equal(QueryErrorKind.BadData, e.Kind);
        Assert.Contains("parse error", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m_total[5m]", "range vector")]
    [InlineData("\"text\"", "string")]
    public async Task FailsAsBadData_WhenRangeQueryHasWrongType(string query, string type)
    {
        var e = await Assert.ThrowsAsync<QueryException>(
            async () => await Engine().RangeAsync(Store(), query, 0, 1000, 1000, QueryOptions.Default, Token));
        Assert.Equal(QueryErrorKind.BadData, e.Kind);
        Assert.Equal($"invalid expression type \"{type}\" for range query, must be Scalar or instant Vector", e.Message);
    }

    [Fact]
    public async Task FailsAsExecution_WhenTooManySamples()
    {
        var engine = Engine(new EngineOptions { MaxSamples = 100 });
        var e = await Assert.ThrowsAsync<QueryException>(
            async () => await engine.RangeAsync(Store(50), "m_total", 0, 90_000, 10_000, QueryOptions.Default, Token));
        Assert.Equal(QueryErrorKind.Execution, e.Kind);
        Assert.Equal("query processing would load too many samples into memory in query execution", e.Message);
    }

    [Fact]
    public async Task FailsAsTimeout_WhenSourceTakesTooLong()
    {
        var options = new QueryOptions { Timeout = TimeSpan.FromMilliseconds(10) };
        var e = await Assert.ThrowsAsync<QueryException>(async () => await Engine().InstantAsync(new StuckSource(), "m", 0, options, Token));
        Assert.Equal(QueryErrorKind.Timeout, e.Kind);
        Assert.Equal("query timed out in expression evaluation", e.Message);
    }

    [Fact]
    public async Task FailsAsCanceled_WhenCallerGoesAway()
    {
        using var gone = new CancellationTokenSource();
        var running = Engine().InstantAsync(new StuckSource(), "m", 0, QueryOptions.Default, gone.Token).AsTask();
        await gone.CancelAsync();
        var e = await Assert.ThrowsAsync<QueryException>(() => running);
        Assert.Equal(QueryErrorKind.Canceled, e.Kind);
        Assert.Equal("query was canceled in expression evaluation", e.Message);
    }

    [Fact]
    public async Task FailsAsExecution_WhenSourceFails()
    {
        var e = await Assert.ThrowsAsync<QueryException>(
            async () => await Engine().InstantAsync(new BrokenSource(), "m", 0, QueryOptions.Default, Token));
        Assert.Equal(QueryErrorKind.Execution, e.Kind);
        Assert.Equal("expanding series: disk on fire", e.Message);
    }

    [Fact]
    public async Task CountsSamples_WhenWindowsOverlap()
    {
        var result = await Engine().RangeAsync(Store(), "sum_over_time(m_total[30s])", 30_000, 50_000, 10_000, QueryOptions.Default, Token);
        Assert.Equal(9, result.Statistics.TotalQueryableSamples);
        Assert.Equal(5, result.Statistics.SamplesRead);
        Assert.True(result.Statistics.PeakSamples >= 5);
    }

    [Fact]
    public async Task UsesLookbackOfQuery_WhenGiven()
    {
        var store = Store();
        var near = await Engine().InstantAsync(store, "m_total", 200_000, new QueryOptions { LookbackDeltaMs = 60_000 }, Token);
        var far = await Engine().InstantAsync(store, "m_total", 200_000, QueryOptions.Default, Token);
        Assert.Empty(near.Series);
        Assert.Equal(9, Assert.Single(far.Series).Values[0]);
    }

    [Fact]
    public async Task PointsIntoQuery_WhenAnnotated()
    {
        var store = new MemoryStore();
        store.Add(Labels.Of(("__name__", "gauge")), 0, 1);
        store.Add(Labels.Of(("__name__", "gauge")), 10_000, 2);
        var result = await Engine().InstantAsync(store, "1 +\n  rate(gauge[1m])", 10_000, QueryOptions.Default, Token);
        Assert.Equal(
            "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"gauge\" (2:8)",
            Assert.Single(result.Infos));
    }

    [Fact]
    public async Task YieldsSameBits_WhenWorkersDiffer()
    {
        var store = new MemoryStore();
        var random = new Random(5);
        for (var s = 0; s < 3000; s++)
        {
            var labels = Labels.Of(("__name__", "m_total"), ("job", $"j{s % 3}"), ("i", $"{s}"));
            for (var i = 0; i < 5; i++)
            {
                store.Add(labels, i * 10_000, Math.Pow(10, random.NextDouble() * 20));
            }
        }

        const string Query = "sum by (job) (rate(m_total[1m])) + avg by (job) (m_total)";
        var alone = await RunAsync(store, Query, 1);
        Assert.Equal(3, alone.Count);
        for (var n = 0; n < 4; n++)
        {
            Assert.Equal(alone, await RunAsync(store, Query, 8));
        }
    }

    [Fact]
    public async Task StopsAllWorkers_WhenOneFails()
    {
        var engine = Engine(new EngineOptions { MaxWorkers = 8 });
        var e = await Assert.ThrowsAsync<QueryException>(async () => await engine.InstantAsync(
            Store(3000), "sum(double_exponential_smoothing(m_total[1m], 2, 0.5))", 60_000, QueryOptions.Default, Token));
        Assert.Equal(QueryErrorKind.BadData, e.Kind);

        engine = Engine(new EngineOptions { MaxWorkers = 8, ExperimentalFunctions = true });
        e = await Assert.ThrowsAsync<QueryException>(async () => await engine.InstantAsync(
            Store(3000), "sum(double_exponential_smoothing(m_total[1m], 2, 0.5))", 60_000, QueryOptions.Default, Token));
        Assert.Equal("invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000", e.Message);
    }

    private static async Task<List<(Labels, long)>> RunAsync(MemoryStore store, string query, int workers)
    {
        var result = await Engine(new EngineOptions { MaxWorkers = workers })
            .RangeAsync(store, query, 20_000, 40_000, 5_000, QueryOptions.Default, Token);
        var bits = new List<(Labels, long)>();
        foreach (var series in result.Series)
        {
            bits.Add((series.Labels, BitConverter.DoubleToInt64Bits(series.Values[^1])));
        }

        return bits;
    }

    private sealed class StuckSource : PromQL.Sources.IQueryable
    {
        public async ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("not reached");
        }
    }

    private sealed class BrokenSource : PromQL.Sources.IQueryable
    {
        public ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken) =>
            throw new IOException("disk on fire");
    }
}
