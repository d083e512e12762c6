using Deucalion.Common.Samples;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Averages;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Sums or means of histograms at each step of a group.</summary>
internal sealed class HistogramSteps(int steps, bool average, Func<int, bool> hasFloat)
{
    /// <summary>Stands at steps where a float came first: what follows is not even added.</summary>
    private static readonly HistogramAverage AfterFloat = new(average: false);

    private readonly HistogramAverage?[] _steps = new HistogramAverage?[steps];
    private SortedSet<string>? _mixedNames;

    public void Add(FloatHistogram?[] histograms, string metricName)
    {
        for (var s = 0; s < histograms.Length; s++)
        {
            if (histograms[s] is { } histogram)
            {
                Add(_steps[s] ??= hasFloat(s) ? AfterFloat : new HistogramAverage(average), histogram, metricName);
            }
        }
    }

    private void Add(HistogramAverage step, FloatHistogram histogram, string metricName)
    {
        if (ReferenceEquals(step, AfterFloat) || step.IsIncompatible)
        {
            return;
        }

        step.Add(histogram);
        if (step.IsIncompatible)
        {
            (_mixedNames ??= new SortedSet<string>(StringComparer.Ordinal)).Add(metricName);
        }
    }

    /// <summary>Whether histograms that do not fit together have ended the step: what comes later is not even looked at.</summary>
    public bool HasEnded(int step) => _steps[step] is { IsIncompatible: true };

    public void Report(AggregationNotes notes)
    {
        foreach (var name in _mixedNames ?? [])
        {
            notes.Annotations.Warn(AnnotationTexts.MixedSchemas(name), notes.Position);
        }

        for (var s = 0; s < _steps.Length; s++)
        {
            if (_steps[s] is null)
            {
                continue;
            }

            if (hasFloat(s))
            {
                notes.Mixed();
            }
            else
            {
                _steps[s]!.Report(notes.Annotations, notes.Position, null);
            }
        }
    }

    /// <summary>Adds the histograms to a column that has its floats; where both kinds met there is no result.</summary>
    public void Finish(StepColumn result)
    {
        for (var s = 0; s < _steps.Length; s++)
        {
            if (_steps[s] is not { } step)
            {
                continue;
            }

            if (result.HasFloat(s))
            {
                result.Values[s] = StepColumn.Absent;
            }
            else if (step.Result() is { } histogram)
            {
                result.SetHistogram(s, histogram);
            }
        }
    }
}
