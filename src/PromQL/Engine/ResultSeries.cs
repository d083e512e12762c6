using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.PromQL.Engine;

/// <summary>
/// One series of a result as columns: at each index either a float, a histogram or nothing. The series of one range query share
/// one array of times, the steps.
/// </summary>
public sealed class ResultSeries
{
    /// <summary>Builds a series over its columns, which it owns from then on.</summary>
    public ResultSeries(Labels labels, long[] times, double[] values, FloatHistogram?[]? histograms)
    {
        Labels = labels;
        Times = times;
        Values = values;
        Histograms = histograms;
    }

    /// <summary>The labels.</summary>
    public Labels Labels { get; }

    /// <summary>Time of each index, Unix milliseconds, ascending.</summary>
    public long[] Times { get; }

    /// <summary>Floats; the bits of <see cref="SpecialValues.StaleNaN"/> where there is none.</summary>
    public double[] Values { get; }

    /// <summary>Histograms, or null where the series has none at all.</summary>
    public FloatHistogram?[]? Histograms { get; }

    /// <summary>Number of indexes, with or without a point.</summary>
    public int Count => Times.Length;

    /// <summary>Whether there is a float at the index.</summary>
    public bool HasFloat(int index) => !SpecialValues.IsStaleNaN(Values[index]);

    /// <summary>The histogram at the index, or null.</summary>
    public FloatHistogram? HistogramAt(int index) => Histograms?[index];

    /// <summary>Whether there is a float or a histogram at the index.</summary>
    public bool HasPoint(int index) => HasFloat(index) || HistogramAt(index) is not null;
}
