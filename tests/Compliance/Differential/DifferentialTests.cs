using System.Diagnostics;
using Deucalion.Compliance.Servers;
using Xunit;

namespace Deucalion.Compliance.Differential;

/// <summary>
/// Random queries over random data, asked of a real Prometheus and of the engine. DEUCALION_CASE runs one printed case alone;
/// DEUCALION_SEED moves the seeds.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int CasesPerSeed = 5000;
    private const int Seeds = 4;
    private const int LongSeeds = 20;
    private const double LeastNonEmpty = 0.6;
    private const double MostErrors = 0.15;
    private const int LeastUses = 100;
    private const int Connections = 4;

    private static readonly string? OneCase = Environment.GetEnvironmentVariable("DEUCALION_CASE");
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("DEUCALION_SEED"), out var seed) ? seed : 1;

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoes_ForRandomQueries()
    {
        if (OneCase is null)
        {
            await CompareAsync(Seeds);
        }
    }

    [Fact]
    [Trait("Category", "long")]
    public async Task AnswersAsPrometheusDoes_ForManyRandomQueries()
    {
        await CompareAsync(LongSeeds);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoes_WhereItOnceDidNot()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "testdata", "cases.txt");
        var lines = OneCase is not null ? [OneCase] : (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Where(static l => l.Length > 0 && l[0] != '#');
        var wrong = new List<Verdict>();
        foreach (var group in lines.Select(RandomCase.Parse).GroupBy(static c => c.Seed))
        {
            var tally = await CompareAsync(group.Key, [.. group]);
            wrong.AddRange(tally.Wrong);
            if (OneCase is not null)
            {
                output.WriteLine(tally.Last?.ToString() ?? string.Empty);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task CompareAsync(int count)
    {
        var seeds = Enumerable.Range(FirstSeed, count).ToArray();
        var all = new Tally();
        var started = Stopwatch.GetTimestamp();
        foreach (var seed in seeds)
        {
            await CompareAsync(seed, Enumerable.Range(0, CasesPerSeed).Select(i => RandomCase.Create(seed, i)), all);
        }

        output.WriteLine($"seeds {seeds[0]} to {seeds[^1]}, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s: {all}");
        var report = Path.Combine(AppContext.BaseDirectory, $"differences-{seeds[0]}-{seeds[^1]}.txt");
        await File.WriteAllLinesAsync(report, all.Wrong.Select(static w => w.ToString()), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, $"exempt-{seeds[0]}-{seeds[^1]}.txt"), all.Exempt.Select(static e => $"{e.Exemption}\n{e}"), TestContext.Current.CancellationToken);
        Assert.True(all.Wrong.Count == 0, $"{all.Wrong.Count} of {all.Cases} answers differ, all of them are in {report}:\n{string.Join('\n', all.Wrong.Take(20))}");
        Assert.True(all.NonEmpty >= LeastNonEmpty * all.Cases, $"only {all.NonEmpty} of {all.Cases} answers are not empty");
        Assert.True(all.Errors <= MostErrors * all.Cases, $"{all.Errors} of {all.Cases} answers are errors");
        Assert.True(all.LeastUses >= LeastUses, $"a function or aggregation was asked only {all.LeastUses} times");
    }

    private static async Task<Tally> CompareAsync(int seed, IReadOnlyList<RandomCase> cases)
    {
        var tally = new Tally();
        await CompareAsync(seed, cases, tally);
        return tally;
    }

    private static async Task CompareAsync(int seed, IEnumerable<RandomCase> cases, Tally tally)
    {
        var data = RandomData.Create(seed);
        using var rivals = await Rivals.StartAsync(data);
        var judge = new Judge(rivals, data.Magnitudes());
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = TestContext.Current.CancellationToken };
        var wrong = new List<RandomCase>();
        await Parallel.ForEachAsync(
            cases,
            options,
            async (one, cancellationToken) =>
            {
                var verdict = await judge.JudgeAsync(one, cancellationToken);
                lock (gate)
                {
                    if (verdict.IsWrong)
                    {
                        wrong.Add(one);
                    }
                    else
                    {
                        tally.Add(verdict);
                    }
                }
            });

        // Queries that run at the same time now and then overwrite each other's histograms in Prometheus 3.5: alone it answers right.
        foreach (var one in wrong)
        {
            tally.Add(await judge.JudgeAsync(one, options.CancellationToken));
        }
    }
}
