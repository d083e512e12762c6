using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Simulation.World;

/// <summary>What only calm worlds promise is looked at in them, so that a replayed seed fails as it did before.</summary>
public sealed class CalmWorldTests
{
    [Theory]
    [InlineData(SimFaults.HandOffKind)]
    [InlineData(SimFaults.MoveKind)]
    [InlineData(SimFaults.AsideKind)]
    public void Fails_WhenAClientNoticesAPlannedChange(int onlyFault)
    {
        Assert.Equal(CalmWorld.ChangesUnnoticed, Failure(onlyFault, static world => world.RequestsLost = 1));
        Assert.Equal(CalmWorld.ChangesUnnoticed, Failure(onlyFault, static world => world.Clients.LongestWait = CalmWorld.Patience));
        Assert.Null(Failure(onlyFault, static world => world.Clients.LongestWait = CalmWorld.Patience - 1));
    }

    [Fact]
    public void Fails_WhenACheckpointLedNowhere() =>
        Assert.Equal(CalmWorld.NoCheckpointInVain, Failure(SimFaults.SilenceKind, static world => world.CheckpointsInVain = 1));

    private static string? Failure(int onlyFault, Action<World> prepare)
    {
        var world = new World(1, ProtocolRules.All, WorldRules.All, null, onlyFault);
        prepare(world);
        return Simulator.Run(1, world).Failure;
    }
}
