using Deucalion.Common.Labels;
using Deucalion.Ruler.Groups;

namespace Deucalion.Ruler.Evaluation;

/// <summary>A rule with what it remembers between evaluations. Used by one thread at a time.</summary>
public abstract class RuleState(Rule rule)
{
    /// <summary>The rule as configured.</summary>
    public Rule Rule { get; } = rule;

    /// <summary>Why the last evaluation failed, or null.</summary>
    public Exception? LastError { get; internal set; }

    /// <summary>Series of the last evaluation: those missing from the next are marked stale.</summary>
    internal HashSet<Labels> LastSeries { get; set; } = [];

    /// <summary>Evaluates at a time, Unix milliseconds, and returns what is to be stored.</summary>
    internal abstract ValueTask<List<RuleSample>> EvaluateAsync(RuleQuery query, long time, long queryOffset, int limit, CancellationToken cancellationToken);
}
