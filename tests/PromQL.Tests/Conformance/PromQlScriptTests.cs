using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Runs the scripts that Prometheus tests itself with, and our own in the same language.</summary>
public sealed class PromQlScriptTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "testdata");

    /// <summary>Prometheus's scripts and our own, as folder and file.</summary>
    public static TheoryData<string, string> Files()
    {
        var files = new TheoryData<string, string>();
        foreach (var folder in (string[])["promqltest", "scripts"])
        {
            foreach (var path in Directory.GetFiles(Path.Combine(Data, folder), "*.test").Order(StringComparer.Ordinal))
            {
                files.Add(folder, Path.GetFileName(path));
            }
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FailsOnlyWhereExempt_WhenScriptRuns(string folder, string file)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Data, folder, file), TestContext.Current.CancellationToken);
        var result = await new ScriptRunner(ScriptRunner.DefaultOptions).RunAsync(script, TestContext.Current.CancellationToken);
        var exempt = ScriptExemptions.Lines(file);
        var unexpected = result.Failures.Where(f => !exempt.Contains(f.Line)).Select(f => $"{file}:{f.Line}: {f.Query}: {f.Reason}").ToList();
        var passing = exempt.Where(line => result.Failures.All(f => f.Line != line)).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {result.Commands} commands, {result.Failures.Count} failed");
        Assert.True(unexpected.Count == 0, $"{unexpected.Count} of {result.Commands} failed:\n" + string.Join("\n", unexpected));
        Assert.True(passing.Count == 0, $"{file}: exempt, but pass: {string.Join(", ", passing)}");
        Assert.True(result.Commands > 0);
    }
}
