using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>deriv, and predict_linear where there is a time to predict for.</summary>
internal sealed class RegressionKernel(ScalarOperator? ahead) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - input.Source.Range, end);
            others.Move(input.Samples.Histograms, end - input.Source.Range, end);
            seen += floats.Count + others.Count;
            if (floats.Count > 0 && others.Count > 0)
            {
                input.Context.Annotations.Info(AnnotationTexts.HistogramIgnoredInMixedRange(input.MetricName), input.Position);
            }

            if (floats.Count < 2)
            {
                continue;
            }

            var origin = ahead is null ? times[floats.Low] : input.Source.Grid.TimeAt(s);
            var (slope, intercept) = Fit(times[floats.Low..floats.High], input.Samples.Values[floats.Low..floats.High], origin);
            output.Values[s] = ahead is null ? slope : (slope * ahead.Values[s]) + intercept;
        }

        return seen;
    }

    /// <summary>Least squares over seconds since <paramref name="origin"/>.</summary>
    private static (double Slope, double Intercept) Fit(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long origin)
    {
        double x = 0, xLost = 0, y = 0, yLost = 0, xy = 0, xyLost = 0, xx = 0, xxLost = 0;
        var constant = true;
        for (var i = 0; i < values.Length; i++)
        {
            constant &= values[i] == values[0];
            var seconds = (times[i] - origin) / 1000.0;
            Kahan.Add(seconds, ref x, ref xLost);
            Kahan.Add(values[i], ref y, ref yLost);
            Kahan.Add(seconds * values[i], ref xy, ref xyLost);
            Kahan.Add(seconds * seconds, ref xx, ref xxLost);
        }

        if (constant)
        {
            return double.IsInfinity(values[0]) ? (double.NaN, double.NaN) : (0, values[0]);
        }

        double n = values.Length;
        x += xLost;
        y += yLost;
        xy += xyLost;
        xx += xxLost;
        var slope = (xy - (x * y / n)) / (xx - (x * x / n));
        return (slope, (y / n) - (slope * x / n));
    }
}
