using System.Text.RegularExpressions;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;
using Deucalion.Ruler.Groups;

namespace Deucalion.Ruler.UnitTests;

/// <summary>Runs files of unit tests of rules as promtool's <c>test rules</c> does, with its messages.</summary>
/// <param name="engine">Switches of the language; limits and subquery step are the tests' own.</param>
/// <param name="run">Only test groups whose name is matched run; null runs all.</param>
/// <param name="readFile">Text of a file; IOException where it cannot be read.</param>
/// <param name="glob">Files that match a pattern, in order.</param>
public sealed class UnitTestRunner(EngineOptions engine, Regex? run, Func<string, string> readFile, Func<string, IReadOnlyList<string>> glob)
{
    /// <summary>Runs all tests of a file; returns what failed, nothing where all passed.</summary>
    /// <param name="file">Path of the file; those of the rules are relative to its directory.</param>
    /// <param name="warn">Takes warnings.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public async Task<IReadOnlyList<string>> RunAsync(string file, Action<string> warn, CancellationToken cancellationToken)
    {
        try
        {
            var tests = UnitTestFileReader.Read(readFile(file));
            var order = new Dictionary<string, int>();
            for (var i = 0; i < tests.GroupEvalOrder.Count; i++)
            {
                if (!order.TryAdd(tests.GroupEvalOrder[i], i))
                {
                    return [$"group name repeated in evaluation order: {tests.GroupEvalOrder[i]}"];
                }
            }

            var groups = ReadRules(Path.GetDirectoryName(file) ?? string.Empty, tests, warn);

            // Groups not mentioned count as the first, as in promtool.
            groups = [.. groups.OrderBy(group => order.GetValueOrDefault(group.Name))];
            var failures = new List<string>();
            foreach (var test in tests.Tests)
            {
                if (run is null || run.IsMatch(test.Name))
                {
                    await RunAsync(tests, test, groups, failures, cancellationToken);
                }
            }

            return failures;
        }
        catch (Exception e) when (e is RuleFileException or IOException or UnauthorizedAccessException)
        {
            return [e.Message];
        }
    }

    private List<RuleGroup> ReadRules(string directory, UnitTestFile tests, Action<string> warn)
    {
        var parser = new PromQlEngine(engine, TimeProvider.System, null).ParserOptions;
        var groups = new List<RuleGroup>();
        foreach (var pattern in tests.RuleFiles)
        {
            var files = glob(Path.Combine(directory, pattern));
            if (files.Count == 0)
            {
                warn($"  WARNING: no file match pattern {Path.Combine(directory, pattern)}");
            }

            foreach (var file in files)
            {
                try
                {
                    groups.AddRange(RuleFileReader.Read(file, readFile(file), parser));
                }
                catch (RuleFileException e)
                {
                    throw new RuleFileException($"{file}: {e.Message}", e);
                }
            }
        }

        return groups;
    }

    private async Task RunAsync(
        UnitTestFile file, UnitTestGroup test, IReadOnlyList<RuleGroup> groups, List<string> failures, CancellationToken cancellationToken)
    {
        foreach (var alert in test.AlertTests)
        {
            if (alert.AlertName.Length == 0)
            {
                var inGroup = test.Name.Length > 0 ? $" (in TestGroup {test.Name})" : string.Empty;
                failures.Add($"an item under alert_rule_test misses required attribute alertname at eval_time {Common.Text.DurationText.Format(alert.EvalTime)}{inGroup}");
                return;
            }
        }

        try
        {
            var options = new EngineOptions
            {
                MaxSamples = 10_000,
                Timeout = TimeSpan.FromSeconds(100),
                DefaultEvaluationIntervalMs = file.EvaluationInterval,
                ExperimentalFunctions = engine.ExperimentalFunctions,
                DelayedNameRemoval = engine.DelayedNameRemoval,
                ExtendedRangeSelectors = engine.ExtendedRangeSelectors,
                FillModifiers = engine.FillModifiers,
            };
            var execution = new UnitTestRun(file, test, groups, new PromQlEngine(options, TimeProvider.System, null), failures);
            await execution.RunAsync(cancellationToken);
        }
        catch (ScriptException e)
        {
            failures.Add(e.Message);
        }
    }
}
