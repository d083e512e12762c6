namespace Deucalion.Simulation.World;

/// <summary>What holds besides the ledger's invariants in a world where only one thing happens, and a harmless one.</summary>
internal static class CalmWorld
{
    public const string ChangesUnnoticed = "clients notice nothing of planned changes";
    public const string NoCheckpointInVain = "no checkpoint is sent in vain";

    /// <summary>A client that waits this long notices.</summary>
    public const long Patience = 1500;

    /// <summary>Looks at a world that has come to its end; a <see cref="ViolationException"/> where it does not hold.</summary>
    public static void Check(World world)
    {
        switch (world.Plan.OnlyFault)
        {
            case SimFaults.HandOffKind or SimFaults.MoveKind or SimFaults.AsideKind when world.RequestsLost > 0 || world.Clients.LongestWait >= Patience:
                throw new ViolationException(ChangesUnnoticed, $"{world.RequestsLost} requests had an unknown outcome, the longest wait was {world.Clients.LongestWait} ms");
            case SimFaults.SilenceKind when world.CheckpointsInVain > 0:
                throw new ViolationException(NoCheckpointInVain, $"{world.CheckpointsInVain} of {world.CheckpointsInstalled} checkpoints led nowhere");
        }
    }
}
