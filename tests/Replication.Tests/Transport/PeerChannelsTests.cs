using Deucalion.Common.Wire;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Replication.Tests.Transport;

public sealed class PeerChannelsTests
{
    [Theory]
    [InlineData(":9095")]
    [InlineData("http://10.0.0.7:9095")]
    [InlineData("10.0.0.7:99999")]
    [InlineData("fd00::7:9095")]
    [InlineData("no host:9095")]
    public void AnAddressThatIsNone_IsANodeThatCannotBeReached(string address)
    {
        using var channels = new PeerChannels(static to => LoopbackNode.Options(TestNodes.Name(1), to), TimeProvider.System);
        for (var again = 0; again < 2; again++)
        {
            var failure = Assert.Throws<WireException>(() => channels.To(TestNodes.Name(2), address));
            Assert.Equal((WireStatus.Unavailable, true), (failure.Status, failure.IsUnsent));
            Assert.Contains(TestNodes.Name(2), failure.Message, StringComparison.Ordinal);
            Assert.Contains($"'{address}'", failure.Message, StringComparison.Ordinal);
        }

        // The others are none the wiser.
        Assert.Equal("10.0.0.7:9095", channels.To(TestNodes.Name(2), "10.0.0.7:9095").Address);
    }
}
