using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.Compliance.Servers;

/// <summary>One sample: a float, or a histogram where there is one.</summary>
public readonly record struct DataSample(long Time, double Value, FloatHistogram? Histogram);

/// <summary>One series with its samples in ascending order. <paramref name="IntegerHistograms"/> sends histograms with integer counts.</summary>
public sealed record DataSeries(Labels Labels, List<DataSample> Samples, bool IntegerHistograms = false)
{
    public void Add(long time, double value) => Samples.Add(new DataSample(time, value, null));

    public void Add(long time, FloatHistogram histogram) => Samples.Add(new DataSample(time, 0, histogram));
}
