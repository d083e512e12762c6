using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Makes native histograms with custom buckets out of the classic histograms of a load.</summary>
internal sealed class CustomBucketLoader
{
    private readonly SortedDictionary<Labels, SortedDictionary<long, Pending>> _histograms = [];

    public static void Load(LoadCommand command, MemoryStore store)
    {
        var loader = new CustomBucketLoader();
        foreach (var series in command.Series)
        {
            loader.Collect(series);
        }

        foreach (var (labels, samples) in loader._histograms)
        {
            foreach (var (time, pending) in samples)
            {
                store.Add(labels, time, pending.ToHistogram(command.Line), pending.StartTime);
            }
        }
    }

    private void Collect(LoadedSeries series)
    {
        var name = series.Labels.Get(Labels.MetricName);
        var suffix = name.EndsWith("_bucket", StringComparison.Ordinal) ? "_bucket"
            : name.EndsWith("_count", StringComparison.Ordinal) ? "_count"
            : name.EndsWith("_sum", StringComparison.Ordinal) ? "_sum" : null;
        if (suffix is null)
        {
            return;
        }

        var bound = double.NaN;
        if (suffix == "_bucket" && (!GoNumber.TryParseFloat(series.Labels.Get("le"), out bound) || double.IsNaN(bound)))
        {
            return;
        }

        var labels = new LabelsBuilder(series.Labels).Remove("le").Set(Labels.MetricName, name[..^suffix.Length]).Build();
        foreach (var sample in series.Samples)
        {
            if (sample.Histogram is null)
            {
                At(labels, sample).Take(suffix, bound, sample.Value);
            }
        }
    }

    private Pending At(Labels labels, LoadedSample sample)
    {
        if (!_histograms.TryGetValue(labels, out var times))
        {
            _histograms[labels] = times = [];
        }

        if (!times.TryGetValue(sample.Time, out var pending))
        {
            times[sample.Time] = pending = new Pending();
        }

        pending.StartTime = pending.StartTime == 0 ? sample.StartTime : pending.StartTime;
        return pending;
    }

    private sealed class Pending
    {
        private readonly SortedDictionary<double, double> _buckets = [];
        private double? _count;
        private double _sum;

        public long StartTime { get; set; }

        public void Take(string suffix, double bound, double value)
        {
            switch (suffix)
            {
                case "_bucket": _buckets.TryAdd(bound, value); break;
                case "_count": _count = value; break;
                default: _sum = value; break;
            }
        }

        public FloatHistogram ToHistogram(int line)
        {
            var bounds = new List<double>();
            var counts = new List<double>();
            double below = 0;
            foreach (var (bound, cumulative) in _buckets)
            {
                if (cumulative < below)
                {
                    throw new ScriptException(line, "non-cumulative buckets at " + bound.ToString(CultureInfo.InvariantCulture));
                }

                if (!double.IsPositiveInfinity(bound))
                {
                    bounds.Add(bound);
                }

                counts.Add(cumulative - below);
                below = cumulative;
            }

            var count = _count ?? below;
            if (counts.Count == bounds.Count)
            {
                counts.Add(count - below);
            }

            return new FloatHistogram
            {
                Schema = FloatHistogram.CustomBucketsSchema,
                CustomValues = [.. bounds],
                Count = count,
                Sum = _sum,
                PositiveSpans = [new HistogramSpan(0, (uint)counts.Count)],
                PositiveBuckets = [.. counts],
            }.Compact();
        }
    }
}
