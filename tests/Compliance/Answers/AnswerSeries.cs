using Deucalion.Common.Labels;

namespace Deucalion.Compliance.Answers;

/// <summary>One series of an answer; points ascend in time, where both kinds are there the floats come first.</summary>
public sealed record AnswerSeries(Labels Labels, List<AnswerPoint> Points);
