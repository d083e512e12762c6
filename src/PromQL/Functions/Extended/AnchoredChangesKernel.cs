using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Extended;

/// <summary>changes and resets of anchored windows: the step from the sample before the window into it counts too.</summary>
internal sealed class AnchoredChangesKernel(bool resets) : RangeKernel
{
    private readonly ChangesKernel _changes = new(resets);

    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var window = default(ExtendedWindow);
        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            var has = window.Move(input, end - input.Source.Range, end, smoothed: false);
            seen += window.Floats.Count + window.Histograms.Count;
            if (has)
            {
                output.Values[s] = _changes.CountAll(input, window.Floats, window.Histograms);
            }
        }

        return seen;
    }
}
