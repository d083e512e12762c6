using System.Text.Json;
using YamlDotNet.Serialization;

namespace Deucalion.Compliance.Demo;

/// <summary>Expands the suite's templates: the product of the variants in listed order, the first varying slowest.</summary>
public static class ComplianceQueries
{
    /// <summary>Prometheus accepts any non-empty UTF-8 label name since 3.0, the suite's list is older.</summary>
    private const string InvalidNameOfOld = "\"~invalid\"";

    public static List<ComplianceQuery> Read(string directory)
    {
        var variants = JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllText(Path.Combine(directory, "variant-args.json")))!;
        var suite = new DeserializerBuilder().Build().Deserialize<Dictionary<string, List<Dictionary<string, object>>>>(
            File.ReadAllText(Path.Combine(directory, "promql-test-queries.yml")));
        var queries = new List<ComplianceQuery>();
        foreach (var test in suite["test_cases"])
        {
            var fails = test.TryGetValue("should_fail", out var flag) && (string)flag == "true";
            List<string> expanded = [(string)test["query"]];
            foreach (var name in test.TryGetValue("variant_args", out var names) ? (List<object>)names : [])
            {
                expanded = [.. expanded.SelectMany(q => variants[(string)name].Select(v => q.Replace($"{{{{.{name}}}}}", v, StringComparison.Ordinal)))];
            }

            queries.AddRange(expanded.Select(q => new ComplianceQuery(q, fails && !q.Contains(InvalidNameOfOld, StringComparison.Ordinal))));
        }

        return queries;
    }
}
