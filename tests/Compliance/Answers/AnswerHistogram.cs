namespace Deucalion.Compliance.Answers;

/// <summary>One populated bucket as the HTTP API shows it; <paramref name="Rule"/> says which bounds belong to it.</summary>
public readonly record struct AnswerBucket(int Rule, double Lower, double Upper, double Count);

/// <summary>A native histogram as the HTTP API shows it.</summary>
public sealed record AnswerHistogram(double Count, double Sum, IReadOnlyList<AnswerBucket> Buckets);
