using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;
using Deucalion.Ruler.Alerts;
using Deucalion.Ruler.Groups;

namespace Deucalion.Ruler.Evaluation;

/// <summary>Evaluates a group rule by rule, each seeing the results of those before it. Used by one thread at a time.</summary>
public sealed class GroupEvaluator
{
    private readonly RuleQuery _query;
    private readonly IRuleSink _sink;

    /// <param name="group">The group.</param>
    /// <param name="query">Evaluates.</param>
    /// <param name="sink">Takes the results.</param>
    /// <param name="externalLabels">Labels of this server, for templates.</param>
    /// <param name="externalUrl">Address of this server, for templates.</param>
    public GroupEvaluator(RuleGroup group, RuleQuery query, IRuleSink sink, Labels externalLabels, string externalUrl)
    {
        Group = group;
        _query = query;
        _sink = sink;
        Rules = [.. group.Rules.Select(rule => rule.IsAlert ? (RuleState)new AlertingRule(rule, externalLabels, externalUrl) : new RecordingRule(rule))];
    }

    /// <summary>The group.</summary>
    public RuleGroup Group { get; }

    /// <summary>Its rules with their state, in order.</summary>
    public IReadOnlyList<RuleState> Rules { get; }

    /// <summary>Evaluates all rules at a time, Unix milliseconds. A rule's failure is in its <see cref="RuleState.LastError"/> and stops no other rule.</summary>
    public async ValueTask EvaluateAsync(long time, CancellationToken cancellationToken)
    {
        var offset = Group.QueryOffset ?? 0;
        foreach (var rule in Rules)
        {
            try
            {
                var samples = await rule.EvaluateAsync(_query, time, offset, Group.Limit, cancellationToken);
                rule.LastError = null;
                Store(rule, samples, time - offset);
                await _sink.FlushAsync(cancellationToken);
            }
            catch (Exception e) when (e is RuleException or QueryException { Kind: not QueryErrorKind.Canceled })
            {
                rule.LastError = e;
            }
        }
    }

    private void Store(RuleState rule, List<RuleSample> samples, long time)
    {
        var current = new HashSet<Labels>(samples.Count);
        foreach (var sample in samples)
        {
            _sink.Add(sample.Labels, time, sample.Value, sample.Histogram);
            current.Add(sample.Labels);
        }

        foreach (var labels in rule.LastSeries)
        {
            if (!current.Contains(labels))
            {
                _sink.Add(labels, time, SpecialValues.StaleNaN, null);
            }
        }

        rule.LastSeries = current;
    }
}
