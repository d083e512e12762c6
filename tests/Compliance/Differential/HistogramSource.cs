using Deucalion.Common.Samples;

namespace Deucalion.Compliance.Differential;

/// <summary>A native histogram that observes random values, with counter resets and changes of resolution.</summary>
public sealed class HistogramSource(Random random, bool custom, bool gauge)
{
    private static readonly double[] Bounds = [0.1, 0.5, 1, 2.5, 10];

    private readonly SortedDictionary<int, double> _positive = [];
    private readonly SortedDictionary<int, double> _negative = [];
    private int _schema = random.Next(0, 4);
    private double _zero;
    private double _sum;

    /// <summary>The marker that ends a series of histograms.</summary>
    public static FloatHistogram Stale => new() { Sum = SpecialValues.StaleNaN };

    public FloatHistogram Next()
    {
        if (gauge || random.Next(70) == 0)
        {
            _positive.Clear();
            _negative.Clear();
            (_zero, _sum) = (0, 0);
            _schema = random.Next(8) == 0 ? random.Next(-1, 5) : _schema;
        }

        if (gauge)
        {
            // Both signs, always: whether a side is there at all depends on empty buckets that a store may or may not spell out.
            Observe(2.5, negative: true);
            Observe(1.5, negative: false);
        }

        for (var n = random.Next(1, 12); n > 0; n--)
        {
            Observe(Math.Round(Math.Pow(10, (random.NextDouble() * 3) - 1.5), 3), gauge && random.Next(3) == 0);
        }

        var histogram = new FloatHistogram
        {
            CounterResetHint = gauge ? CounterResetHint.Gauge : CounterResetHint.Unknown,
            Schema = custom ? FloatHistogram.CustomBucketsSchema : _schema,
            ZeroThreshold = custom ? 0 : 0.0625,
            ZeroCount = _zero,
            Sum = _sum,
            CustomValues = custom ? Bounds : [],
        };
        (histogram.PositiveSpans, histogram.PositiveBuckets) = Layout(_positive);
        (histogram.NegativeSpans, histogram.NegativeBuckets) = Layout(_negative);
        histogram.Count = _zero + histogram.PositiveBuckets.Sum() + histogram.NegativeBuckets.Sum();
        return histogram;
    }

    private void Observe(double value, bool negative)
    {
        // A gauge may count parts of observations.
        var weight = gauge ? random.Next(1, 9) / 4.0 : 1;
        _sum += weight * (negative ? -value : value);
        if (custom)
        {
            var index = Array.FindIndex(Bounds, b => value <= b);
            Add(_positive, index < 0 ? Bounds.Length : index, weight);
        }
        else if (value <= 0.0625)
        {
            _zero += weight;
        }
        else
        {
            Add(negative ? _negative : _positive, (int)Math.Ceiling(Math.Log2(value) * Math.Pow(2, _schema)), weight);
        }
    }

    private static void Add(SortedDictionary<int, double> buckets, int index, double weight) => buckets[index] = buckets.GetValueOrDefault(index) + weight;

    private static (HistogramSpan[] Spans, double[] Counts) Layout(SortedDictionary<int, double> buckets)
    {
        var spans = new List<HistogramSpan>();
        var next = 0;
        foreach (var index in buckets.Keys)
        {
            if (spans.Count > 0 && index == next)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new HistogramSpan(spans.Count == 0 ? index : index - next, 1));
            }

            next = index + 1;
        }

        return ([.. spans], [.. buckets.Values]);
    }
}
