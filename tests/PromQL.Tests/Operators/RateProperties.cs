using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Operators;

/// <summary>The sliding window against the formula applied to each window on its own.</summary>
public sealed class RateProperties
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EqualsFormula_WhenWindowsSlide(int seed)
    {
        var random = new Random(seed);
        var samples = new List<(long Time, double Value)>();
        var store = new MemoryStore();
        var labels = Labels.Of(("__name__", "c_total"));
        long time = 0;
        double value = 0;
        for (var i = 0; i < 400; i++)
        {
            time += random.Next(1, 20_000);
            value = random.Next(12) == 0 ? random.NextDouble() : value + (random.NextDouble() * 100);
            samples.Add((time, value));
            store.Add(labels, time, value);
        }

        var engine = new PromQlEngine(new EngineOptions(), TimeProvider.System, null);
        foreach (var (step, range) in ((long, long)[])[(1_000, 60_000), (7_777, 30_000), (120_000, 60_000), (15_000, 600_000)])
        {
            var result = engine.RangeAsync(
                store, $"rate(c_total[{range / 1000}s])", 0, time, step, QueryOptions.Default, TestContext.Current.CancellationToken).AsTask();
            Check(await result, samples, range);
        }
    }

    private static void Check(QueryResult result, List<(long Time, double Value)> samples, long range)
    {
        var series = Assert.Single(result.Series);
        for (var s = 0; s < series.Count; s++)
        {
            var end = series.Times[s];
            var window = samples.FindAll(x => x.Time > end - range && x.Time <= end);
            Assert.Equal(window.Count >= 2, series.HasFloat(s));
            if (window.Count >= 2)
            {
                Assert.Equal(Rate(window, end - range, end), series.Values[s], 1e-9);
            }
        }
    }

    private static double Rate(List<(long Time, double Value)> window, long start, long end)
    {
        var increase = window[^1].Value - window[0].Value;
        for (var i = 1; i < window.Count; i++)
        {
            increase += window[i].Value < window[i - 1].Value ? window[i - 1].Value : 0;
        }

        var sampled = (window[^1].Time - window[0].Time) / 1000.0;
        var average = sampled / (window.Count - 1);
        var toStart = (window[0].Time - start) / 1000.0;
        var toEnd = (end - window[^1].Time) / 1000.0;
        toStart = toStart >= average * 1.1 ? average / 2 : toStart;
        if (increase > 0 && window[0].Value >= 0)
        {
            toStart = Math.Min(toStart, sampled * (window[0].Value / increase));
        }

        toEnd = toEnd >= average * 1.1 ? average / 2 : toEnd;
        return increase * ((sampled + toStart + toEnd) / sampled) / ((end - start) / 1000.0);
    }
}
