using Deucalion.Common.Samples;

namespace Deucalion.Interop.Kit;

/// <summary>One series of a data set: either floats or histograms, whose counts are integers or not.</summary>
public sealed record SampleSeries(
    IReadOnlyList<(string Name, string Value)> Labels,
    IReadOnlyList<(long Time, double Value)> Floats,
    IReadOnlyList<(long Time, FloatHistogram Value)> Histograms,
    bool IntegerCounts);
