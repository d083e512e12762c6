using Deucalion.Compliance.Answers;

namespace Deucalion.Compliance.Differential;

/// <summary>Outcome of one case: <see cref="Difference"/> is null where both agree, <see cref="Exemption"/> says why a difference is right.</summary>
public sealed record Verdict(RandomCase Case, Answer Expected, Answer Actual, string? Difference, string? Exemption, int NeededMagnitude)
{
    public bool IsWrong => Difference is not null && Exemption is null;

    /// <summary>Seed, query, both answers, and the command that runs this case alone.</summary>
    public override string ToString() => $"""
        {Case.Query}
          seed {Case.Seed}, {(Case.Step == 0 ? $"at {Case.Start}" : $"from {Case.Start} to {Case.End} step {Case.Step}")}{(Exemption is null ? string.Empty : $", exempt: {Exemption}")}
          {Difference}
          Prometheus: {Expected}
          engine: {Actual}
          DEUCALION_CASE='{Case.ToString().Replace("'", "'\\''", StringComparison.Ordinal)}' ./test Compliance
        """;
}
