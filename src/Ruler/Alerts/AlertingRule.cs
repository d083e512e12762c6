using Deucalion.Common.Labels;
using Deucalion.Ruler.Evaluation;
using Deucalion.Ruler.Groups;
using Deucalion.Ruler.Templates;

namespace Deucalion.Ruler.Alerts;

/// <summary>An alerting rule with its alerts.</summary>
public sealed class AlertingRule(Rule rule, Labels externalLabels, string externalUrl) : RuleState(rule)
{
    // How long an alert that has ceased is remembered, so that notifications of its end can be repeated.
    private const long ResolvedRetention = 15 * 60 * 1000;
    private const string AlertName = "alertname";

    private readonly Dictionary<Labels, Alert> _alerts = [];

    /// <summary>Alerts that are pending or firing.</summary>
    public IEnumerable<Alert> ActiveAlerts => _alerts.Values.Where(static alert => alert.ResolvedAt is null);

    internal override async ValueTask<List<RuleSample>> EvaluateAsync(
        RuleQuery query, long time, long queryOffset, int limit, CancellationToken cancellationToken)
    {
        var at = time - queryOffset;
        var found = new Dictionary<Labels, Alert>();
        foreach (var sample in await query.RunAsync(Rule.Expression, at, cancellationToken))
        {
            var alert = await NewAlertAsync(sample, query, at, time, cancellationToken);
            if (!found.TryAdd(alert.Labels, alert))
            {
                throw new RuleException("vector contains metrics with the same labelset after applying alert labels");
            }
        }

        foreach (var (labels, alert) in found)
        {
            if (_alerts.TryGetValue(labels, out var known) && known.State != AlertState.Inactive)
            {
                known.Value = alert.Value;
                known.Annotations = alert.Annotations;
            }
            else
            {
                _alerts[labels] = alert;
            }
        }

        var samples = Advance(found, time);
        var active = ActiveAlerts.Count();
        if (limit > 0 && active > limit)
        {
            _alerts.Clear();
            throw new RuleException($"exceeded limit of {limit} with {active} alerts");
        }

        return samples;
    }

    private List<RuleSample> Advance(Dictionary<Labels, Alert> found, long time)
    {
        var samples = new List<RuleSample>();
        foreach (var (labels, alert) in _alerts.ToArray())
        {
            if (found.ContainsKey(labels))
            {
                alert.KeepFiringSince = null;
            }
            else if (!KeepsFiring(alert, time))
            {
                if (alert.State == AlertState.Pending || (alert.ResolvedAt is { } resolved && time - resolved > ResolvedRetention))
                {
                    _alerts.Remove(labels);
                }

                if (alert.State != AlertState.Inactive)
                {
                    alert.State = AlertState.Inactive;
                    alert.ResolvedAt = time;
                }

                continue;
            }

            if (alert.State == AlertState.Pending && time - alert.ActiveAt >= Rule.For)
            {
                alert.State = AlertState.Firing;
                alert.FiredAt = time;
            }

            samples.Add(Series(alert, "ALERTS", alert.State == AlertState.Firing ? "firing" : "pending", 1));
            samples.Add(Series(alert, "ALERTS_FOR_STATE", string.Empty, Math.Floor(alert.ActiveAt / 1000.0)));
        }

        return samples;
    }

    private bool KeepsFiring(Alert alert, long time)
    {
        if (alert.State != AlertState.Firing || Rule.KeepFiringFor == 0)
        {
            return false;
        }

        alert.KeepFiringSince ??= time;
        return time - alert.KeepFiringSince < Rule.KeepFiringFor;
    }

    private async ValueTask<Alert> NewAlertAsync(RuleSample sample, RuleQuery query, long at, long time, CancellationToken cancellationToken)
    {
        var data = new TemplateData
        {
            Labels = sample.Labels,
            ExternalLabels = externalLabels,
            ExternalUrl = externalUrl,
            Value = sample.Value,
            Histogram = sample.Histogram,
            Query = async expression => await query.RunAsync(expression, at, cancellationToken),
        };
        var labels = new LabelsBuilder(sample.Labels).Remove(Labels.MetricName);
        foreach (var (name, text) in Rule.Labels)
        {
            labels.Set(name, await Template.ExpandAsync(text, data));
        }

        labels.Set(AlertName, Rule.Name);
        var annotations = new LabelsBuilder();
        foreach (var (name, text) in Rule.Annotations)
        {
            annotations.Set(name, await Template.ExpandAsync(text, data));
        }

        return new Alert
        {
            Labels = labels.Build(),
            Annotations = annotations.Build(),
            State = AlertState.Pending,
            Value = sample.Value,
            ActiveAt = time,
        };
    }

    private static RuleSample Series(Alert alert, string name, string state, double value)
    {
        var labels = new LabelsBuilder(alert.Labels).Set(Labels.MetricName, name);
        return new RuleSample((state.Length > 0 ? labels.Set("alertstate", state) : labels).Build(), value, null);
    }
}
