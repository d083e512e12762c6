using Deucalion.Common.Samples;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Averages;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Sums or means of histograms at each step of a group.</summary>
internal sealed class HistogramSteps(int steps, bool average)
{
    private readonly HistogramAverage?[] _steps = new HistogramAverage?[steps];

    /// <summary>Memory of the sums, bytes.</summary>
    public long Bytes { get; private set; } = 8L * steps;

    public void Add(FloatHistogram?[] histograms)
    {
        for (var s = 0; s < histograms.Length; s++)
        {
            if (histograms[s] is { } histogram)
            {
                if (_steps[s] is null)
                {
                    // Sum and compensation.
                    _steps[s] = new HistogramAverage(average);
                    Bytes += 2 * SampleBudget.BytesOf(histogram);
                }

                _steps[s]!.Add(histogram);
            }
        }
    }

    /// <summary>Adds the histograms to a column that has its floats; where both kinds met there is no result.</summary>
    public void Finish(StepColumn result, AggregationNotes notes)
    {
        for (var s = 0; s < _steps.Length; s++)
        {
            if (_steps[s] is not { } step)
            {
                continue;
            }

            if (result.HasFloat(s))
            {
                notes.Mixed();
                result.Values[s] = StepColumn.Absent;
                continue;
            }

            step.Report(notes.Annotations, notes.Position, AnnotationTexts.MixedSchemasAggregation);
            if (step.Result() is { } histogram)
            {
                result.SetHistogram(s, histogram);
            }
        }
    }
}
