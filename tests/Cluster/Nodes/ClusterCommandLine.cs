using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Nodes;

/// <summary><c>deucalion cluster</c> as an operator types it, asking one node.</summary>
internal sealed class ClusterCommandLine(Uri node)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Gives a command that has to succeed; returns what it says.</summary>
    public Task<string> DoneAsync(params IReadOnlyList<string> command) => RunAsync(0, command);

    /// <summary>Gives a command that has to be refused; returns why.</summary>
    public Task<string> RefusedAsync(params IReadOnlyList<string> command) => RunAsync(1, command);

    private async Task<string> RunAsync(int expected, IReadOnlyList<string> command)
    {
        using var program = new ChildProcess(NodeProgram.Path, ["cluster", .. command, "--url", node.AbsoluteUri]);
        var code = await program.WaitAsync(Patience);
        Assert.True(code == expected, $"'cluster {string.Join(' ', command)}' ended with {code}, not with {expected}: {program.Output}");
        return program.Output;
    }
}
