using Deucalion.Common.Samples;

namespace Deucalion.PromQL.Operators;

/// <summary>
/// One series over all steps: at each a float, a histogram or nothing. A step without float holds the bits of the staleness
/// marker, which no expression can yield, so that presence travels with every copy and needs no second array.
/// </summary>
internal sealed class StepColumn
{
    private FloatHistogram?[]? _histogramSpace;

    public StepColumn(int steps)
    {
        Values = new double[steps];
    }

    public static double Absent => SpecialValues.StaleNaN;

    public double[] Values { get; }

    public int Steps => Values.Length;

    /// <summary>Null where the series has no histogram at any step.</summary>
    public FloatHistogram?[]? Histograms { get; private set; }

    public static bool IsAbsent(double value) => SpecialValues.IsStaleNaN(value);

    public bool HasFloat(int step) => !IsAbsent(Values[step]);

    public FloatHistogram? HistogramAt(int step) => Histograms?[step];

    public bool HasPoint(int step) => HasFloat(step) || HistogramAt(step) is not null;

    /// <summary>Makes every step empty.</summary>
    public void Clear()
    {
        Values.AsSpan().Fill(Absent);
        DropHistograms();
    }

    public void DropHistograms() => Histograms = null;

    /// <summary>Room for histograms; empty at first.</summary>
    public FloatHistogram?[] EnsureHistograms()
    {
        if (Histograms is null)
        {
            if (_histogramSpace is null)
            {
                _histogramSpace = new FloatHistogram?[Steps];
            }
            else
            {
                Array.Clear(_histogramSpace);
            }

            Histograms = _histogramSpace;
        }

        return Histograms;
    }

    public void SetHistogram(int step, FloatHistogram histogram) => EnsureHistograms()[step] = histogram;

    /// <summary>Takes the float or histogram of one step of another column, or nothing.</summary>
    public void CopyStep(StepColumn from, int fromStep, int step)
    {
        Values[step] = from.Values[fromStep];
        if (from.Histograms?[fromStep] is { } histogram)
        {
            EnsureHistograms()[step] = histogram;
        }
        else if (Histograms is not null)
        {
            Histograms[step] = null;
        }
    }

    public void CopyFrom(StepColumn from)
    {
        from.Values.AsSpan().CopyTo(Values);
        DropHistograms();
        if (from.Histograms is not null)
        {
            from.Histograms.AsSpan().CopyTo(EnsureHistograms());
        }
    }

    public void ClearStep(int step)
    {
        Values[step] = Absent;
        if (Histograms is not null)
        {
            Histograms[step] = null;
        }
    }

    /// <summary>Number of steps with a point.</summary>
    public int CountPoints()
    {
        var n = 0;
        foreach (var v in Values)
        {
            n += IsAbsent(v) ? 0 : 1;
        }

        if (Histograms is not null)
        {
            foreach (var h in Histograms)
            {
                n += h is null ? 0 : 1;
            }
        }

        return n;
    }
}
