using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Proof;

public sealed class PastProgramTests
{
    [Theory]
    [InlineData("member")]
    [InlineData("alone")]
    public void EveryVersionThatTestsNeedIsPinned(string name)
    {
        var commit = PastProgram.CommitOf(name, File.ReadAllLines(Path.Combine(NodeProgram.RepositoryRoot(), "eng", "past-versions")));

        Assert.Equal(40, commit.Length);
        Assert.True(commit.All(char.IsAsciiHexDigitLower), commit);
    }

    /// <summary>A commit that history no longer has cannot be built. A copy of the sources without their whole history has nothing to look in.</summary>
    [Theory]
    [InlineData("member")]
    [InlineData("alone")]
    public async Task EveryVersionThatTestsNeedIsInTheHistory(string name)
    {
        if (await GitAsync("rev-parse", "--is-shallow-repository") != (0, "false"))
        {
            return;
        }

        var commit = PastProgram.CommitOf(name, await File.ReadAllLinesAsync(Path.Combine(NodeProgram.RepositoryRoot(), "eng", "past-versions"), TestContext.Current.CancellationToken));
        Assert.Equal((0, "commit"), await GitAsync("cat-file", "-t", commit));
    }

    [Fact]
    public void NamesTheVersion_ThatIsNotPinned() =>
        Assert.Contains("'other'", Assert.Throws<ClusterTestException>(static () => PastProgram.CommitOf("other", ["# other one two", "member 12"])).Message, StringComparison.Ordinal);

    private static async Task<(int Code, string Output)> GitAsync(params string[] arguments)
    {
        using var git = new ChildProcess("git", arguments, NodeProgram.RepositoryRoot());
        return (await git.WaitAsync(TimeSpan.FromMinutes(1)), git.Output.Trim());
    }
}
