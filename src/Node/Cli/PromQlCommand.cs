using System.CommandLine;
using Deucalion.PromQL.TestLanguage;

namespace Deucalion.Node.Cli;

/// <summary><c>promql test FILE...</c>: runs test scripts in the language of Prometheus's promqltest.</summary>
internal static class PromQlCommand
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Test scripts.", Arity = ArgumentArity.OneOrMore };
        var test = new Command("test", "Runs test scripts of Prometheus's promqltest language; prints commands run and failed of each file, exits with 0 where all pass.") { files };
        test.SetAction((result, cancellationToken) => TestAsync(result.GetValue(files)!, cancellationToken));
        return new Command("promql", "Tools for the query language.") { test };
    }

    private static async Task<int> TestAsync(FileInfo[] files, CancellationToken cancellationToken)
    {
        var passed = true;
        foreach (var file in files)
        {
            try
            {
                var script = await File.ReadAllTextAsync(file.FullName, cancellationToken);
                var result = await new ScriptRunner(ScriptRunner.DefaultOptions).RunAsync(script, cancellationToken);
                foreach (var failure in result.Failures)
                {
                    await Console.Out.WriteLineAsync($"{file}:{failure.Line}: {failure.Query}: {failure.Reason}");
                }

                await Console.Out.WriteLineAsync($"{file}: {result.Commands} commands, {result.Failures.Count} failed");
                passed &= result.Failures.Count == 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ScriptException)
            {
                await Console.Error.WriteLineAsync($"{file}: {e.Message}");
                passed = false;
            }
        }

        return passed ? 0 : 1;
    }
}
