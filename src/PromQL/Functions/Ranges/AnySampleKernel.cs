using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>Functions that treat floats and histograms alike: count, present, first and last.</summary>
internal sealed class AnySampleKernel(AnySampleFunction function) : RangeKernel
{
    public override bool KeepsName => function is AnySampleFunction.First or AnySampleFunction.Last;

    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var histograms = input.Samples.Histograms;
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - input.Source.Range, end);
            others.Move(histograms, end - input.Source.Range, end);
            var count = floats.Count + others.Count;
            seen += count;
            if (count > 0)
            {
                Take(input, floats, others, s, output);
            }
        }

        return seen;
    }

    private void Take(in RangeInput input, Window floats, Window others, int step, StepColumn output)
    {
        switch (function)
        {
            case AnySampleFunction.Count:
                output.Values[step] = floats.Count + others.Count;
                break;
            case AnySampleFunction.Present:
                output.Values[step] = 1;
                break;
            case AnySampleFunction.First or AnySampleFunction.FirstTime:
                var firstFloat = floats.Count > 0 ? input.Samples.Times[floats.Low] : long.MaxValue;
                var firstHistogram = others.Count > 0 ? input.Samples.Histograms[others.Low].Time : long.MaxValue;
                Put(input, firstFloat < firstHistogram, floats.Low, others.Low, step, output);
                break;
            default:
                var lastFloat = floats.Count > 0 ? input.Samples.Times[floats.High - 1] : long.MinValue;
                var lastHistogram = others.Count > 0 ? input.Samples.Histograms[others.High - 1].Time : long.MinValue;
                Put(input, lastFloat > lastHistogram, floats.High - 1, others.High - 1, step, output);
                break;
        }
    }

    private void Put(in RangeInput input, bool isFloat, int floatAt, int histogramAt, int step, StepColumn output)
    {
        if (function is AnySampleFunction.FirstTime or AnySampleFunction.LastTime)
        {
            output.Values[step] = (isFloat ? input.Samples.Times[floatAt] : input.Samples.Histograms[histogramAt].Time) / 1000.0;
        }
        else if (isFloat)
        {
            output.Values[step] = input.Samples.Values[floatAt];
        }
        else
        {
            output.SetHistogram(step, input.Samples.Histograms[histogramAt].Histogram);
        }
    }
}

/// <summary>What <see cref="AnySampleKernel"/> yields.</summary>
internal enum AnySampleFunction
{
    /// <summary>count_over_time</summary>
    Count,

    /// <summary>present_over_time</summary>
    Present,

    /// <summary>first_over_time</summary>
    First,

    /// <summary>last_over_time</summary>
    Last,

    /// <summary>ts_of_first_over_time</summary>
    FirstTime,

    /// <summary>ts_of_last_over_time</summary>
    LastTime,
}
