using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.Ruler.Evaluation;

/// <summary>One element of a rule's result: a float, or a histogram where that is set.</summary>
public readonly record struct RuleSample(Labels Labels, double Value, FloatHistogram? Histogram);
