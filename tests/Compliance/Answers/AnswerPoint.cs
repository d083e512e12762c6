namespace Deucalion.Compliance.Answers;

/// <summary>One point of a series: a float, or a histogram where there is one.</summary>
public readonly record struct AnswerPoint(long Time, double Value, AnswerHistogram? Histogram);
