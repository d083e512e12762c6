using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Testing.Fixtures;

/// <summary>
/// What the data directories of past versions hold: 60 samples of each series, 15 s apart; 0 to 19 in blocks, 20 to 39 in checkpoints, 40 to 59 in the journal
/// alone. The same for ever: fixtures are never written again.
/// </summary>
public static class FixtureData
{
    public const int Samples = 60;
    public const int InBlocks = 20;
    public const int InCheckpoints = 40;
    public const long Start = 1_700_000_000_000;
    public const string Help = "All that a version stores.";
    private const long Step = 15_000;
    private const int StaleAt = 31;

    /// <summary>The samples from one number to another (not included) of the series of a version; version 0.1.0 knew floats alone.</summary>
    public static IReadOnlyList<SentSeries> Series(string version, int first, int end)
    {
        var numbers = Enumerable.Range(first, end - first).ToList();
        var series = new List<SentSeries>();
        for (var s = 0; s < 3; s++)
        {
            var own = s;
            series.Add(new SentSeries(("__name__", "fixture"), ("s", s.ToString(CultureInfo.InvariantCulture)))
            {
                Samples = [.. numbers.Select(i => new SentSample(Time(i), (own * 1000) + i + (0.25 * (i % 3))))],
                Exemplars = s > 0 || version == "v0.1.0" ? [] : [.. numbers.Where(static i => i % 10 == 5).Select(static i => new SentExemplar(Time(i), i, ("trace_id", $"t{i}")))],
                Metadata = version == "v0.1.0" ? null : (2, Help, string.Empty),
            });
        }

        if (version == "v0.1.0")
        {
            return series;
        }

        series.Add(new SentSeries(("__name__", "fixture_started")) { Samples = [.. numbers.Select(static i => new SentSample(Time(i), i % 15, Started(i)))] });
        series.Add(Histograms("integer", numbers, static i => i == StaleAt ? Stale(true) : Exponential(i, true)));
        series.Add(Histograms("float", numbers, static i => i == StaleAt ? Stale(false) : Exponential(i, false)));
        series.Add(Histograms("gauge", numbers, static i => Gauge(i)));
        series.Add(Histograms("custom", numbers, static i => Custom(i, true)));
        series.Add(Histograms("custom_float", numbers, static i => Custom(i, false)));
        series.Add(Histograms("started", numbers, static i => Exponential(i % 15, true), Started));
        return series;
    }

    private static long Time(int i) => Start + (i * Step);

    // Begins anew with every 15th sample.
    private static long Started(int i) => Time(i / 15 * 15) - 500;

    private static SentSeries Histograms(string kind, List<int> numbers, Func<int, FloatHistogram> value, Func<int, long>? started = null) =>
        new(("__name__", "fixture_histogram"), ("kind", kind))
        {
            Histograms = [.. numbers.Select(i => (Number: i, Value: value(i))).Select(h => new SentHistogram(Time(h.Number), h.Value, h.Value.IsInteger, started?.Invoke(h.Number) ?? 0))],
        };

    private static FloatHistogram Stale(bool integer) => new() { IsInteger = integer, Sum = SpecialValues.StaleNaN };

    private static FloatHistogram Exponential(int i, bool integer)
    {
        var part = integer ? 0 : 0.25;
        return new FloatHistogram
        {
            IsInteger = integer,
            Schema = 1,
            ZeroThreshold = 0.001,
            ZeroCount = i + part,
            Count = (6 * i) + 3 + (4 * part),
            Sum = i * 1.5,
            PositiveSpans = [new(-1, 2), new(3, 1)],
            PositiveBuckets = [i + 1 + part, (2 * i) + 1 + part, i + 1],
            NegativeSpans = [new(0, 1)],
            NegativeBuckets = [i + part],
        };
    }

    private static FloatHistogram Gauge(int i) => new()
    {
        CounterResetHint = CounterResetHint.Gauge,
        Schema = -1,
        Count = 10 + (i % 7) + 0.5,
        Sum = 100 - i,
        PositiveSpans = [new(i % 3, 2)],
        PositiveBuckets = [10, (i % 7) + 0.5],
    };

    private static FloatHistogram Custom(int i, bool integer)
    {
        var part = integer ? 0 : 0.5;
        return new FloatHistogram
        {
            IsInteger = integer,
            Schema = FloatHistogram.CustomBucketsSchema,
            Count = (4 * i) + 2 + (2 * part),
            Sum = i / 8.0,
            PositiveSpans = [new(0, 4)],
            PositiveBuckets = [i + part, i + 1, i + 1, i + part],
            CustomValues = [0.1, 1, 12.5],
        };
    }
}
