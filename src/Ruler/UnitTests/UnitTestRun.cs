using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.TestLanguage;
using Deucalion.Ruler.Alerts;
using Deucalion.Ruler.Evaluation;
using Deucalion.Ruler.Groups;

namespace Deucalion.Ruler.UnitTests;

/// <summary>One test group run through: rules over time, alerts where they are due, then the expressions.</summary>
internal sealed class UnitTestRun
{
    private readonly UnitTestFile _file;
    private readonly UnitTestGroup _test;
    private readonly List<string> _failures;
    private readonly InputSeries _series;
    private readonly RuleQuery _query;
    private readonly List<GroupEvaluator> _groups;
    private readonly Queue<IGrouping<long, AlertTestCase>> _alertTests;

    public UnitTestRun(UnitTestFile file, UnitTestGroup test, IReadOnlyList<RuleGroup> groups, PromQlEngine engine, List<string> failures)
    {
        _file = file;
        _test = test;
        _failures = failures;
        _series = new InputSeries(test);
        _query = new RuleQuery(engine, _series.Store);
        _groups = [.. groups.Select(group => new GroupEvaluator(group, _query, _series, test.ExternalLabels, test.ExternalUrl))];
        _alertTests = new(test.AlertTests.GroupBy(static alert => alert.EvalTime).OrderBy(static alerts => alerts.Key));
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var last = Math.Max(
            _test.AlertTests.Select(static t => t.EvalTime).DefaultIfEmpty(0).Max(),
            _test.ExpressionTests.Select(static t => t.EvalTime).DefaultIfEmpty(0).Max());
        for (long at = 0; at <= last; at += _file.EvaluationInterval)
        {
            if (!await EvaluateRulesAsync(_test.StartTimestamp + at, cancellationToken))
            {
                return;
            }

            // An alert test sees the newest evaluation at or before its time.
            while (_alertTests.TryPeek(out var due) && due.Key < at + _file.EvaluationInterval)
            {
                _alertTests.Dequeue();
                foreach (var test in due)
                {
                    Check(test);
                }
            }
        }

        foreach (var test in _test.ExpressionTests)
        {
            await CheckAsync(test, cancellationToken);
        }
    }

    private async Task<bool> EvaluateRulesAsync(long time, CancellationToken cancellationToken)
    {
        var failed = false;
        _series.LoadUntil(time);
        foreach (var group in _groups)
        {
            await group.EvaluateAsync(time, cancellationToken);
            foreach (var rule in group.Rules)
            {
                if (rule.LastError is { } error)
                {
                    failed = true;
                    _failures.Add($"    rule: {rule.Rule.Name}, time: {GoDuration.Format(time)}, err: {error.Message}");
                }
            }
        }

        return !failed;
    }

    private void Check(AlertTestCase test)
    {
        var actual = new List<(Labels Labels, Labels Annotations)>();
        foreach (var rule in _groups.SelectMany(static group => group.Rules).OfType<AlertingRule>())
        {
            if (rule.Rule.Name == test.AlertName)
            {
                actual.AddRange(rule.ActiveAlerts.Where(static a => a.State == AlertState.Firing).Select(static a => (a.Labels, a.Annotations)));
            }
        }

        var expected = test.Expected.ToList();
        AlertList.Sort(actual);
        AlertList.Sort(expected);
        if (!expected.SequenceEqual(actual))
        {
            var name = _test.Name.Length > 0 ? $"    name: {_test.Name},\n" : string.Empty;
            const string By = "            ";
            _failures.Add(
                $"{name}    alertname: {test.AlertName}, time: {DurationText.Format(test.EvalTime)}, \n        exp:{AlertList.Indent(AlertList.Print(expected), By)}, \n        got:{AlertList.Indent(AlertList.Print(actual), By)}");
        }
    }

    private async Task CheckAsync(ExpressionTestCase test, CancellationToken cancellationToken)
    {
        var head = $"    expr: {LabelText.Quote(test.Expression)}, time: {DurationText.Format(test.EvalTime)},";
        var expected = new List<TestSample>();
        List<TestSample> actual;
        try
        {
            var samples = await _query.RunAsync(test.Expression, _test.StartTimestamp + test.EvalTime, cancellationToken);
            actual = samples.ConvertAll(static s => new TestSample(s.Labels, s.Histogram is null ? s.Value : 0, s.Histogram is { } h ? HistogramNotation.Print(h) : string.Empty));
        }
        catch (QueryException e) when (e.Kind != QueryErrorKind.Canceled)
        {
            _failures.Add($"{head} err: {e.Message}");
            return;
        }

        foreach (var (labels, value, histogram) in test.Expected)
        {
            try
            {
                expected.Add(TestSample.Read(labels, value, histogram));
            }
            catch (Exception e) when (e is ScriptException or ParseException)
            {
                _failures.Add($"{head} err: labels {LabelText.Quote(labels)}: {e.Message}");
                return;
            }
        }

        expected.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        actual.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        if (expected.Count != actual.Count || expected.Zip(actual).Any(pair => !pair.First.Equals(pair.Second, _file.FuzzyCompare)))
        {
            _failures.Add($"{head}\n        exp: {TestSample.Print(expected)}\n        got: {TestSample.Print(actual)}");
        }
    }
}
