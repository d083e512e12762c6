using System.Diagnostics;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Kit;

/// <summary>A program run to its end, with what it printed.</summary>
public sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Lines of the output, sorted.</summary>
    public IReadOnlyList<string> SortedLines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <summary>promtool; fails unless it exits with 0.</summary>
    public static Task<CommandRun> PromtoolAsync(params string[] arguments) => SuccessAsync(PeerPrograms.Promtool, arguments);

    /// <summary>A verb of the node's program; fails unless it exits with 0.</summary>
    public static Task<CommandRun> DeucalionAsync(params string[] arguments) => SuccessAsync(NodeProcess.Program, arguments);

    public static async Task<CommandRun> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandRun(process.ExitCode, output, await errors);
    }

    private static async Task<CommandRun> SuccessAsync(string program, string[] arguments)
    {
        var run = await RunAsync(program, arguments);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)} exited with {run.ExitCode}: {run.Errors}{run.Output}");
        return run;
    }
}
