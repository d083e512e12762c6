using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>rate, increase and delta over plain windows, extrapolated to the window's edges.</summary>
internal sealed class RateKernel(RateKind kind) : RangeKernel
{
    private bool IsCounter => kind != RateKind.Delta;

    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var starts = IsCounter && input.Context.Options.UseStartTimestamps;
        long seen;
        bool anyFloat;
        if (input.Samples.Histograms.IsEmpty && !(starts && !input.Samples.StartTimes.IsEmpty))
        {
            seen = Floats(input, output, out anyFloat);
        }
        else
        {
            var series = new MixedRate(kind, starts, input);
            seen = series.Evaluate(input, output, out anyFloat);
        }

        if (anyFloat && IsCounter)
        {
            CounterName.Check(input);
        }

        return seen;
    }

    private long Floats(in RangeInput input, StepColumn output, out bool any)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var isCounter = IsCounter;
        var resets = isCounter ? CounterResets.Find(values, input.Worker.Positions) : default;
        var result = output.Values;
        var range = input.Source.Range;
        var extrapolation = new RepeatedExtrapolation(kind == RateKind.Rate ? range / 1000.0 : 1);
        var end = 0L;
        var between = input.Source.WindowStep;
        var window = default(Window);
        var firstReset = 0;
        long seen = 0;
        any = false;
        for (var s = 0; s < result.Length; s++)
        {
            // Asked for now and then only; asking is also what ends a canceled query.
            end = (s & 63) == 0 ? input.Source.WindowEnd(s) : end + between;
            window.Move(times, end - range, end);
            seen += window.Count;
            if (window.Count < 2)
            {
                continue;
            }

            var first = values[window.Low];
            var last = window.High - 1;
            var increase = values[last] - first;
            while (firstReset < resets.Length && resets[firstReset] <= window.Low)
            {
                firstReset++;
            }

            for (var r = firstReset; r < resets.Length && resets[r] <= last; r++)
            {
                increase += values[resets[r] - 1];
            }

            result[s] = increase * extrapolation.Factor(
                times[window.Low], times[last], window.Count, end - range, end, isCounter ? first : double.NaN, increase);
            any = true;
        }

        return seen;
    }
}
