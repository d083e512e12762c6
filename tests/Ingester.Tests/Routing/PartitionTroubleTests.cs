using Deucalion.Ingester.Routing;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

public sealed class PartitionTroubleTests
{
    private readonly RouterOptions _options = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void WaitsForTheFailoverOnce_HoweverLateARequestComes()
    {
        var trouble = new PartitionTrouble(_time.GetTimestamp());
        Assert.Equal(_options.FailoverWait, trouble.Patience(_options, _time));
        _time.Advance(_options.FailoverWait - TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), trouble.Patience(_options, _time));
    }

    [Fact]
    public void OneRequestProbes_NowAndThen_WhileOthersAreReroutedAtOnce()
    {
        var trouble = new PartitionTrouble(_time.GetTimestamp());
        _time.Advance(_options.FailoverWait);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(_options.ProbeWait, trouble.Patience(_options, _time));
            Assert.Equal(TimeSpan.Zero, trouble.Patience(_options, _time));
            _time.Advance(_options.RerouteFor - TimeSpan.FromMilliseconds(1));
            Assert.Equal(TimeSpan.Zero, trouble.Patience(_options, _time));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }
}
