using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Engine;

/// <summary>
/// Queries of one series or one step that would go on for minutes end when they are canceled at some moment. That they end at all is what
/// counts here; how soon is measured by the interference benchmark.
/// </summary>
public sealed class InterruptionTests
{
    private const int Moments = 4;
    private const long Second = 1000;
    private const long Day = 86_400 * Second;

    public static TheoryData<string> LongQueries { get; } =
    [
        "quantile_over_time(0.5, sin(m + time())[20d:1s])",
        "mad_over_time((m * 2)[20d:1s])",
        "stddev_over_time((m % 7 ^ time())[20d:1s])",
        "deriv(round(m, 3)[20d:1s])",
        "predict_linear(abs(m)[20d:1s], 5)",
        "avg_over_time((-m)[20d:1s])",
        "double_exponential_smoothing(sqrt(m)[20d:1s], 0.5, 0.5)",
        "max_over_time(quantile_over_time(0.9, m[1d])[20d:1s])",
    ];

    [Theory]
    [MemberData(nameof(LongQueries))]
    public async Task EndsAsCanceled_WhenClientLeavesAtSomeMoment(string query)
    {
        var store = new MemoryStore();
        var labels = Labels.Of(("__name__", "m"), ("job", "j"));
        for (var i = 0; i < 20_000; i++)
        {
            store.Add(labels, i * 100 * Second, i % 100);
        }

        var engine = new PromQlEngine(
            new EngineOptions { ExperimentalFunctions = true, MaxSamples = long.MaxValue, Timeout = TimeSpan.FromMinutes(10) }, TimeProvider.System, null);
        var random = new Random(query.Length);
        for (var moment = 0; moment < Moments; moment++)
        {
            using var client = new CancellationTokenSource(random.Next(1, 60));
            var e = await Assert.ThrowsAsync<QueryException>(
                async () => await engine.RangeAsync(store, query, 20 * Day, 23 * Day, 10 * Second, QueryOptions.Default, client.Token));
            Assert.Equal(QueryErrorKind.Canceled, e.Kind);
        }
    }

    [Fact]
    public void EndsWithinSort_WhenCanceledAtSomeComparison()
    {
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            using var client = new CancellationTokenSource();
            var list = Enumerable.Range(0, 5000).Select(_ => random.Next()).ToList();
            var cancelAt = random.Next(1, 30_000);
            var comparisons = 0;
            Assert.ThrowsAny<OperationCanceledException>(() => CancellableSort.Sort(
                list,
                (a, b) =>
                {
                    if (++comparisons == cancelAt)
                    {
                        client.Cancel();
                    }

                    return a.CompareTo(b);
                },
                client.Token));
            Assert.InRange(comparisons, cancelAt, cancelAt + 1024);
        }
    }

    [Fact]
    public void Sorts_WhenNotCanceled()
    {
        var random = new Random(2);
        var list = Enumerable.Range(0, 5000).Select(_ => random.Next()).ToList();
        var expected = list.Order().ToList();
        CancellableSort.Sort(list, static (a, b) => a.CompareTo(b), CancellationToken.None);
        Assert.Equal(expected, list);
    }
}
