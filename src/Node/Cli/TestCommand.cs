using System.CommandLine;
using System.Text.RegularExpressions;
using Deucalion.PromQL.Engine;
using Deucalion.Ruler.UnitTests;

namespace Deucalion.Node.Cli;

/// <summary><c>test rules FILE...</c>: runs unit tests of rules, with the files, the output and the exit codes of promtool.</summary>
internal static class TestCommand
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("file") { Description = "Files of unit tests of rules, as promtool reads them.", Arity = ArgumentArity.OneOrMore };
        var run = new Option<string[]>("--run") { Description = "Run only test groups whose name matches the regular expression; may be given several times.", HelpName = "regex" };
        var features = new Option<string?>("--enable-feature") { Description = "Comma-separated switches of the query language, by Prometheus's names.", HelpName = "list" };
        var rules = new Command("rules", "Runs unit tests of rules; exits with 0 where all pass, else with 1.") { files, run, features };
        rules.SetAction((result, cancellationToken) => TestAsync(
            result.GetValue(files)!, result.GetValue(run) ?? [], (result.GetValue(features) ?? string.Empty).Split(','), cancellationToken));
        return new Command("test", "Tests of configuration.") { rules };
    }

    private static async Task<int> TestAsync(string[] files, string[] run, string[] features, CancellationToken cancellationToken)
    {
        var options = new EngineOptions
        {
            ExperimentalFunctions = features.Contains("promql-experimental-functions"),
            DelayedNameRemoval = features.Contains("promql-delayed-name-removal"),
            ExtendedRangeSelectors = features.Contains("promql-extended-range-selectors"),
            FillModifiers = features.Contains("promql-binop-fill-modifiers"),
        };
        Regex? matcher = null;
        try
        {
            matcher = run.Length == 0 ? null : new Regex(string.Join('|', run), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"deucalion: --run: {e.Message}");
            return 2;
        }

        var runner = new UnitTestRunner(options, matcher, File.ReadAllText, Glob);
        var exitCode = 0;
        foreach (var file in files)
        {
            var failures = await runner.RunAsync(file, Console.Error.WriteLine, cancellationToken);
            if (failures.Count == 0)
            {
                await Console.Out.WriteLineAsync("  SUCCESS");
            }
            else
            {
                exitCode = 1;
                await Console.Error.WriteLineAsync("  FAILED:");
                foreach (var failure in failures)
                {
                    await Console.Error.WriteLineAsync(failure);
                    await Console.Out.WriteLineAsync();
                }
            }

            await Console.Out.WriteLineAsync();
        }

        return exitCode;
    }

    // Patterns in the last part of the path alone, which is where they are used.
    private static string[] Glob(string pattern)
    {
        var directory = Path.GetDirectoryName(pattern);
        directory = string.IsNullOrEmpty(directory) ? "." : directory;
        var name = Path.GetFileName(pattern);
        if (!name.Contains('*', StringComparison.Ordinal) && !name.Contains('?', StringComparison.Ordinal))
        {
            return File.Exists(pattern) ? [pattern] : [];
        }

        return Directory.Exists(directory) ? [.. Directory.GetFiles(directory, name).Order(StringComparer.Ordinal)] : [];
    }
}
