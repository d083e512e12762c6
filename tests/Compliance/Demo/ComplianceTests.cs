using Deucalion.Compliance.Answers;
using Deucalion.Compliance.Servers;
using Xunit;

namespace Deucalion.Compliance.Demo;

/// <summary>The compliance suite's queries over generated data of the demo service, against a real Prometheus.</summary>
public sealed class ComplianceTests(ITestOutputHelper output)
{
    private const int Seed = 20260401;
    private const int Expanded = 539;
    private const int LeastNonEmpty = 450;

    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "testdata", "compliance");

    [Fact]
    public void ExpandsAllTemplates() => Assert.Equal(Expanded, ComplianceQueries.Read(Directory).DistinctBy(static q => q.Query).Count());

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoes_ForEveryQueryOfTheSuite()
    {
        var queries = ComplianceQueries.Read(Directory);
        using var rivals = await Rivals.StartAsync(DemoData.Create(Seed));

        // As the suite asks: ten minutes in steps of ten seconds, the end twelve minutes before the data's end.
        const long end = DemoData.End - (12 * 60 * 1000);
        const long start = end - (10 * 60 * 1000);
        var nonEmpty = 0;
        var failed = 0;
        var problems = new List<string>();
        foreach (var query in queries)
        {
            var expected = await rivals.Prometheus.AskAsync(query.Query, start, end, 10_000, TestContext.Current.CancellationToken);
            var actual = await rivals.Engine.AskAsync(query.Query, start, end, 10_000, TestContext.Current.CancellationToken);
            Assert.True(query.ShouldFail == expected.Error is not null, $"{query.Query}: Prometheus says {expected}");
            failed += expected.Error is null ? 0 : 1;
            nonEmpty += expected.Error is null && !expected.IsEmpty ? 1 : 0;
            if (new AnswerComparison(1e-5, 0).Difference(expected, actual) is { } difference)
            {
                problems.Add($"{query.Query}\n  {difference}\n  expected {expected}\n  got {actual}");
            }
        }

        output.WriteLine($"{queries.Count} queries, {nonEmpty} answered non-empty, {failed} failed as expected, {queries.Count - problems.Count} answered equally");
        Assert.True(problems.Count == 0, $"{problems.Count} answers differ:\n{string.Join('\n', problems.Take(20))}");
        Assert.True(nonEmpty >= LeastNonEmpty, $"only {nonEmpty} queries were answered non-empty");
    }
}
