using Deucalion.Compliance.Answers;

namespace Deucalion.Compliance.Differential;

/// <summary>A difference between Prometheus 3.5 and today's semantics: where it applies, and why today's answer is right.</summary>
public sealed record Exemption(string Reason, Func<RandomCase, Answer, Answer, bool> Applies);
