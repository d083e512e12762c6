using Deucalion.Common.Samples;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Ranges;

namespace Deucalion.PromQL.Engine;

/// <summary>The samples of a range vector as they are: the result of an instant query of one.</summary>
internal static class RangeResult
{
    public static List<ResultSeries> Collect(RangeSource source, QueryContext context)
    {
        var series = new List<ResultSeries>();
        using var worker = new Worker(context.Budget);
        var buffer = new SampleBuffer();
        for (var i = 0; i < source.Count; i++)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            source.Read(i, buffer, worker);
            var end = source.WindowEnd(0);
            var floats = default(Window);
            var histograms = default(Window);
            floats.Move(buffer.Times, end - source.Range, end);
            histograms.Move(buffer.Histograms, end - source.Range, end);
            var count = floats.Count + histograms.Count;
            context.Budget.CountQueryable(count);
            context.Budget.Hold(count, BytesOf(buffer, floats, histograms));
            if (count > 0)
            {
                var labels = source.RawLabelsAt(i).Whole;
                series.Add(Merge(source.DropNameAt(i) ? MetricNames.Drop(labels) : labels, buffer, floats, histograms));
            }
        }

        CancellableSort.Sort(series, static (a, b) => a.Labels.CompareTo(b.Labels), context.CancellationToken);
        return series;
    }

    private static long BytesOf(SampleBuffer buffer, Window floats, Window histograms)
    {
        var bytes = 16L * floats.Count;
        for (var h = histograms.Low; h < histograms.High; h++)
        {
            bytes += 24 + SampleBudget.BytesOf(buffer.Histograms[h].Histogram);
        }

        return bytes;
    }

    private static ResultSeries Merge(Common.Labels.Labels labels, SampleBuffer buffer, Window floats, Window histograms)
    {
        var count = floats.Count + histograms.Count;
        var times = new long[count];
        var values = new double[count];
        var points = histograms.Count == 0 ? null : new FloatHistogram?[count];
        int f = floats.Low, h = histograms.Low;
        for (var i = 0; i < count; i++)
        {
            if (h == histograms.High || (f < floats.High && buffer.Times[f] <= buffer.Histograms[h].Time))
            {
                times[i] = buffer.Times[f];
                values[i] = buffer.Values[f++];
            }
            else
            {
                times[i] = buffer.Histograms[h].Time;
                values[i] = SpecialValues.StaleNaN;
                points![i] = buffer.Histograms[h++].Histogram;
            }
        }

        return new ResultSeries(labels, times, values, points);
    }
}
