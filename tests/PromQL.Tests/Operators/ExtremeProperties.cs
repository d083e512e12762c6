using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Operators;

/// <summary>Extremes of sliding windows against each window looked at on its own.</summary>
public sealed class ExtremeProperties
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task EqualsTheWindowAlone_WhenWindowsSlide(int seed, bool isMax)
    {
        var random = new Random(seed);
        var samples = new List<(long Time, double Value)>();
        var store = new MemoryStore();
        long time = 0;
        for (var i = 0; i < 500; i++)
        {
            time += random.Next(1, 20_000);
            var value = random.Next(6) == 0 ? double.NaN : random.Next(10) == 0 ? double.NegativeInfinity : random.Next(20);
            samples.Add((time, value));
            store.Add(Labels.Of(("__name__", "g")), time, value);
        }

        var engine = new PromQlEngine(new EngineOptions(), TimeProvider.System, null);
        foreach (var (step, range) in ((long, long)[])[(1_000, 60_000), (7_777, 30_000), (120_000, 60_000), (15_000, 600_000)])
        {
            var result = await engine.RangeAsync(
                store, $"{(isMax ? "max" : "min")}_over_time(g[{range / 1000}s])", 0, time, step, QueryOptions.Default, TestContext.Current.CancellationToken);
            var series = Assert.Single(result.Series);
            for (var s = 0; s < series.Count; s++)
            {
                var at = series.Times[s];
                var window = samples.FindAll(x => x.Time > at - range && x.Time <= at).ConvertAll(static x => x.Value);
                Assert.Equal(window.Count > 0, series.HasFloat(s));
                if (window.Count > 0)
                {
                    var known = window.FindAll(static v => !double.IsNaN(v));
                    Assert.Equal(known.Count == 0 ? double.NaN : isMax ? known.Max() : known.Min(), series.Values[s]);
                }
            }
        }
    }
}
