using System.Text.RegularExpressions;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Runs the scripts that Prometheus tests itself with, and our own in the same language.</summary>
public sealed partial class PromQlScriptTests
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
        var counted = CommandLine().Count(script);
        var exempt = ScriptExemptions.Lines(file);
        var unexpected = result.Failures.Where(f => !exempt.Contains(f.Line)).Select(f => $"{file}:{f.Line}: {f.Query}: {f.Reason}").ToList();
        var passing = exempt.Where(line => result.Failures.All(f => f.Line != line)).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {result.Commands} commands ({counted} counted in the text), {result.Failures.Count} failed");
        Assert.Equal(counted, result.Commands);
        Assert.True(unexpected.Count == 0, $"{unexpected.Count} of {result.Commands} failed:\n" + string.Join("\n", unexpected));
        Assert.True(passing.Count == 0, $"{file}: exempt, but pass: {string.Join(", ", passing)}");
        Assert.True(result.Commands > 0);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FailsExactlyThere_WhenEach50thExpectationIsAltered(string folder, string file)
    {
        const int Every = 50;
        var script = await File.ReadAllTextAsync(Path.Combine(Data, folder, file), TestContext.Current.CancellationToken);
        var runner = new ScriptRunner(ScriptRunner.DefaultOptions);
        var commands = ScriptReader.Read(script, new PromQlEngine(ScriptRunner.DefaultOptions, TimeProvider.System, null).ParserOptions);
        var altered = new SortedSet<int>();
        var expectations = Alterations.Of(commands);
        for (var i = 0; i < expectations.Count; i += Every)
        {
            altered.Add(expectations[i].Line);
            expectations[i].Alter();
        }

        var result = await runner.RunAsync(commands, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {expectations.Count} expectations, {altered.Count} commands altered");
        Assert.Equal(altered, result.Failures.Select(static f => f.Line).Order());
        Assert.NotEmpty(altered);
    }

    // Independent of the reader: no series in these files is named like a command.
    [GeneratedRegex(@"^[ \t]*(?:clear|load|eval)(?:_[a-z]+)*(?:\s|$)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex CommandLine();
}
