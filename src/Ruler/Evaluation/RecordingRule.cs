using Deucalion.Common.Labels;
using Deucalion.Ruler.Groups;

namespace Deucalion.Ruler.Evaluation;

/// <summary>A recording rule.</summary>
public sealed class RecordingRule(Rule rule) : RuleState(rule)
{
    internal override async ValueTask<List<RuleSample>> EvaluateAsync(
        RuleQuery query, long time, long queryOffset, int limit, CancellationToken cancellationToken)
    {
        var samples = await query.RunAsync(Rule.Expression, time - queryOffset, cancellationToken);
        var builder = new LabelsBuilder();
        var seen = new HashSet<Labels>();
        for (var i = 0; i < samples.Count; i++)
        {
            builder.Reset(samples[i].Labels).Set(Labels.MetricName, Rule.Name);
            foreach (var (name, value) in Rule.Labels)
            {
                builder.Set(name, value);
            }

            samples[i] = samples[i] with { Labels = builder.Build() };
            if (!seen.Add(samples[i].Labels))
            {
                throw new RuleException("vector contains metrics with the same labelset after applying rule labels");
            }
        }

        return limit > 0 && samples.Count > limit ? throw new RuleException($"exceeded limit of {limit} with {samples.Count} series") : samples;
    }
}
