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

    [Fact]
    public void NamesTheVersion_ThatIsNotPinned() =>
        Assert.Contains("'other'", Assert.Throws<ClusterTestException>(static () => PastProgram.CommitOf("other", ["# other one two", "member 12"])).Message, StringComparison.Ordinal);
}
