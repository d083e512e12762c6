using Deucalion.Compliance.Answers;
using Deucalion.PromQL.Ast;

namespace Deucalion.Compliance.Differential;

/// <summary>A difference between Prometheus 3.5 and today's semantics: where it applies, and why today's answer is right.</summary>
public sealed record Exemption(string Reason, Func<RandomCase, Answer, Answer, bool> Applies)
{
    /// <summary>Whether it is the range query that goes wrong, not each step: then Prometheus must agree at each step that it is asked alone.</summary>
    public Func<RandomCase, bool>? StepByStep { get; init; }

    /// <summary>The function that changed, whose calls in the query are then asked alone; null where the change is elsewhere.</summary>
    public Func<CallExpr, bool>? Function { get; init; }

    /// <summary>Of a point of such a call that differs: whether it differs as the change has it (expected, actual).</summary>
    public Func<AnswerPoint, AnswerPoint, bool>? Changed { get; init; }
}
