using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Functions.Averages;

/// <summary>Sum or mean of histograms. The mean is the sum divided by the count until that overflows, then a running mean.</summary>
internal sealed class HistogramAverage(bool average)
{
    private HistogramSum _sum = new();
    private FloatHistogram? _first;
    private double _count;
    private bool _running;
    private bool _incompatible;
    private bool _sawReset;
    private bool _sawNoReset;
    private HistogramSumNotes _notes;

    public double Count => _count;

    public bool IsIncompatible => _incompatible;

    public void Add(FloatHistogram histogram)
    {
        _count++;
        _sawReset |= histogram.CounterResetHint == CounterResetHint.CounterReset;
        _sawNoReset |= histogram.CounterResetHint == CounterResetHint.NotCounterReset;
        if (_count == 1)
        {
            _first = histogram;
            return;
        }

        if (_count == 2)
        {
            _sum.Start(_first!);
        }

        if (_incompatible || !_sum.IsCompatible(histogram))
        {
            _incompatible = true;
            return;
        }

        if (!average || !_running)
        {
            AddDirectly(histogram);
        }
        else
        {
            AddToMean(histogram);
        }
    }

    /// <summary>The result, or null where the layouts did not fit together.</summary>
    public FloatHistogram? Result()
    {
        if (_incompatible || _first is null)
        {
            return null;
        }

        if (_count == 1)
        {
            return _first;
        }

        if (!average || _running)
        {
            return _sum.ToHistogram();
        }

        var mean = _sum.Clone();
        mean.Divide(_count);
        return mean.ToHistogram();
    }

    public void Report(AnnotationSet annotations, PositionRange position, string? mixedSchemas)
    {
        if (_incompatible)
        {
            if (mixedSchemas is not null)
            {
                annotations.Warn(mixedSchemas, position);
            }

            return;
        }

        if (_sawReset && _sawNoReset)
        {
            annotations.Warn(AnnotationTexts.CounterResetCollision("aggregation"), position);
        }

        if ((_notes & HistogramSumNotes.ReconciledBounds) != 0)
        {
            annotations.Info(AnnotationTexts.ReconciledBuckets("aggregation"), position);
        }
    }

    private void AddDirectly(FloatHistogram histogram)
    {
        if (!average)
        {
            _notes |= _sum.Add(histogram);
            return;
        }

        // Only huge numbers can overflow; the state before is kept for them alone.
        var before = IsHuge(_sum.Count, _sum.Sum) || IsHuge(histogram.Count, histogram.Sum) ? _sum.Clone() : null;
        _notes |= _sum.Add(histogram);
        if (before is not null && _sum.HasOverflown())
        {
            before.Divide(_count - 1);
            _sum = before;
            _running = true;
            AddToMean(histogram);
        }
    }

    private static bool IsHuge(double count, double sum) => Math.Abs(count) > 1e300 || Math.Abs(sum) > 1e300;

    private void AddToMean(FloatHistogram histogram)
    {
        _sum.Scale((_count - 1) / _count);
        _notes |= _sum.AddDivided(histogram, _count);
    }
}
