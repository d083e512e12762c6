using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

public sealed class HttpWiringTests
{
    [Fact]
    public void SaysThatItListensOnLoopbackAlone_WithoutConfiguration()
    {
        var options = new NodeOptions();
        Assert.StartsWith("127.0.0.1:", options.HttpListen, StringComparison.Ordinal);
        Assert.StartsWith("Information: Listens on loopback alone", Assert.Single(Explain(options)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":9009", true)]
    [InlineData("0.0.0.0:9009", true)]
    [InlineData("[::]:9009", true)]
    [InlineData("10.1.2.3:9009", true)]
    [InlineData("localhost:9009", false)]
    [InlineData("127.0.0.2:9009", false)]
    [InlineData("[::1]:9009", false)]
    public void WarnsThatEverybodyMayDoEverything_WhereOthersReachIt(string listen, bool warns)
    {
        var line = Assert.Single(Explain(new NodeOptions { HttpListen = listen }));
        Assert.Equal(warns, line.StartsWith($"Warning: Everybody who reaches {listen} may read, write and operate this node", StringComparison.Ordinal));
    }

    [Fact]
    public void WarnsOfClearTextAndOfAnOpenCluster_WhereThereAreCredentials()
    {
        var options = new NodeOptions { HttpListen = ":9009", AuthFile = "a.yml", ClusterListen = ":9095" };
        Assert.Collection(
            Explain(options),
            static line => Assert.StartsWith("Warning: Credentials go to :9009 in clear text", line, StringComparison.Ordinal),
            static line => Assert.StartsWith("Warning: Everybody who reaches :9095 may call as a node", line, StringComparison.Ordinal));
        options.HttpCertFile = "c.pem";
        options.ClusterCaFile = "ca.pem";
        Assert.Empty(Explain(options));
    }

    private static IReadOnlyCollection<string> Explain(NodeOptions options)
    {
        var lines = new LogLines();
        HttpWiring.Explain(lines, options);
        return lines.Written;
    }
}
