using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Runs the scripts that Prometheus tests itself with.</summary>
public sealed class PromQlScriptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "testdata", "promqltest");

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (var path in Directory.GetFiles(Folder, "*.test").Order(StringComparer.Ordinal))
        {
            files.Add(Path.GetFileName(path));
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FailsOnlyWhereExempt_WhenScriptRuns(string file)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
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
