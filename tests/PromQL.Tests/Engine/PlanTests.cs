using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Plan.Explanation;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Engine;

public sealed class PlanTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static MemoryStore Store(int series = 2)
    {
        var store = new MemoryStore();
        for (var s = 0; s < series; s++)
        {
            for (var i = 0; i <= 60; i++)
            {
                store.Add(Labels.Of(("__name__", "m"), ("job", $"j{s % 7}"), ("i", $"{s}")), i * 10_000, i);
            }
        }

        return store;
    }

    private static async Task<QueryResult> RunAsync(string query, QueryOptions? options = null, EngineOptions? engine = null, int series = 2) =>
        await new PromQlEngine(engine ?? new EngineOptions(), TimeProvider.System, null)
            .RangeAsync(Store(series), query, 300_000, 600_000, 60_000, options ?? QueryOptions.Default, Token);

    [Fact]
    public async Task PrintsWhatRuns_WhenPlanIsRewritten()
    {
        var result = await RunAsync("sum by (job) (rate(m[1m])) / (2 + 3) + on (job) group_left () sum by (job) (rate(m[1m])) + scalar(max(m @ 600))");
        Assert.Equal(
            """
            binary +
            ├─ binary + on (job) group_left ()
            │  ├─ binary /
            │  │  ├─ aggregate sum by (job)  [part 1, computed below]
            │  │  └─ number 5
            │  └─ aggregate sum by (job)  [part 1]
            │     └─ function rate
            │        └─ window m[1m]  [read 2: 2 series]
            └─ repeat: computed at one step, used at 6
               └─ function scalar
                  └─ aggregate max
                     └─ select m @ 600.000  [read 1: 2 series]
            """,
            PlanText.Print(result.Plan));
    }

    [Theory]
    [InlineData("rate(m[5m]) / rate(m[5m])", 1, "binary /\n├─ function rate  [part 1, computed below]\n└─ function rate  [part 1]\n   └─ window m[5m]  [read 1: 300 series]")]
    [InlineData("sum(m) / count(m)", 1, "binary /\n├─ aggregate sum\n│  └─ select m  [part 1, computed below]\n└─ aggregate count\n   └─ select m  [read 1: 300 series]  [part 1]")]
    [InlineData("rate(m[2m]) + increase(m[2m])", 1, "binary +\n├─ function rate\n│  └─ window m[2m]  [read 1: 300 series]\n└─ function increase\n   └─ window m[2m]  [read 1, shared: 300 series]")]
    [InlineData("m + rate(m[5m])", 1, "binary +\n├─ select m  [read 1: 300 series]\n└─ function rate\n   └─ window m[5m]  [read 1, shared: 300 series]")]
    [InlineData("m - m offset 1m", 2, "binary -\n├─ select m  [read 1: 300 series]\n└─ select m offset 1m  [read 2: 300 series]")]
    [InlineData("m + on (i) (sum by (i) (m) / sum by (i) (m))", 1, null)]
    [InlineData("sum(m) + count(m) + max(m) + sum(m > 5) + avg(abs(m))", 1, null)]
    [InlineData("sum(quantile by (job) (0.9, m)) + sum(quantile by (job) (0.9, m))", 1, null)]
    public async Task ReadsSamplesOnce_WhenPartsAreEqual(string query, int reads, string? plan)
    {
        const int SamplesInRange = 60;
        const int SamplesInLookback = 60;
        var result = await RunAsync(query, series: 300);
        var single = await RunAsync("m", series: 300);
        Assert.InRange(single.Statistics.SamplesRead, 300 * SamplesInLookback, 300 * (SamplesInRange + 1));
        Assert.InRange(result.Statistics.SamplesRead, 1, reads * single.Statistics.SamplesRead);
        Assert.NotEmpty(result.Series);
        if (plan is not null)
        {
            Assert.Equal(plan, PlanText.Print(result.Plan));
        }
    }

    [Theory]
    [InlineData("sum by (job) (m) / count by (job) (m)")]
    [InlineData("sum(rate(m[2m])) + sum(increase(m[2m]))")]
    [InlineData("max(abs(m)) - min(abs(m)) + count(m)")]
    public async Task AnswersTheSame_WhenNothingFitsIntoMemory(string query)
    {
        // Most of what such a query holds is what it keeps for its other places.
        var roomy = await RunAsync(query, engine: new EngineOptions { MaxWorkers = 1 }, series: 300);
        var tight = await RunAsync(query, engine: new EngineOptions { MaxWorkers = 1, MaxBytes = roomy.Statistics.PeakBytes * 70 / 100 }, series: 300);
        Assert.Equal(roomy.Series.Count, tight.Series.Count);
        foreach (var (a, b) in roomy.Series.Zip(tight.Series))
        {
            Assert.Equal(a.Labels, b.Labels);
            Assert.Equal(a.Values, b.Values);
        }

        Assert.True(tight.Statistics.SamplesRead > roomy.Statistics.SamplesRead);
        Assert.True(tight.Statistics.PeakBytes <= roomy.Statistics.PeakBytes * 70 / 100);
    }

    [Theory]
    [InlineData("max_over_time(m[5m:1m])", "function max_over_time\n└─ subquery [5m:1m]\n   └─ select m  [read 1: 2 series]")]
    [InlineData("-m", "negate\n└─ select m  [read 1: 2 series]")]
    [InlineData("1 + 1", "number 2")]
    [InlineData("label_replace(m, \"a\", \"b\", \"c\", \"d\")", "function label_replace \"a\" \"b\" \"c\" \"d\"\n└─ select m  [read 1: 2 series]")]
    [InlineData("timestamp(m)", "function timestamp\n└─ select m (sample times)  [read 1: 2 series]")]
    [InlineData("histogram_count(m)", "function histogram_count\n└─ select m (histograms: count and sum alone)  [read 1: 2 series]")]
    public async Task PrintsTree_WhenQueryIsSimple(string query, string expected) =>
        Assert.Equal(expected, PlanText.Print((await RunAsync(query)).Plan));

    [Fact]
    public async Task CountsPerOperator_WhenMeasured()
    {
        var result = await RunAsync("sum by (job) (rate(m[1m]))", new QueryOptions { MeasureOperators = true }, series: 14);
        var sum = result.Plan;
        var rate = Assert.Single(sum.Children);
        var window = Assert.Single(rate.Children);
        Assert.Equal((7L, 42L), (sum.Series, sum.Samples));
        Assert.Equal((14L, 84L), (rate.Series, rate.Samples));
        Assert.Equal((14L, result.Statistics.SamplesRead), (window.Series, window.Samples));
        Assert.True(window.PeakBytes > 0 && sum.PeakBytes >= 7 * 6 * 16 && result.Statistics.PeakBytes >= sum.PeakBytes);
        Assert.True(sum.OpenTime >= rate.OpenTime && rate.EvaluationTime >= window.EvaluationTime && window.EvaluationTime > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("sum by (i) (m)")]
    [InlineData("quantile(0.5, m)")]
    [InlineData("topk(1000, m)")]
    [InlineData("count_values(\"v\", m * on (i) group_left m)")]
    [InlineData("m or n")]
    [InlineData("sort(m)")]
    [InlineData("limitk(1000, m)")]
    [InlineData("max_over_time(m[10m:1s])")]
    public async Task FailsNamingTheLimit_WhenMemoryIsUsedUp(string query)
    {
        var options = new EngineOptions { MaxBytes = 20_000, ExperimentalFunctions = true };
        var e = await Assert.ThrowsAsync<QueryException>(() => RunAsync(query, engine: options, series: 300));
        Assert.Equal(QueryErrorKind.Execution, e.Kind);
        Assert.Matches("^query needs [0-9]+ bytes of memory, more than 20000: ", e.Message);
    }

    [Fact]
    public async Task GivesScratchBack_WhenQueriesNest()
    {
        var result = await RunAsync("max(max_over_time(sum by (job) (rate(m[1m]))[5m:10s]))", series: 700);
        Assert.InRange(result.Statistics.PeakBytes, 1, 400_000);
    }
}
