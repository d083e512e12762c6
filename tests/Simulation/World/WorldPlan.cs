using System.Collections.Immutable;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>What kind of world a seed makes.</summary>
internal sealed class WorldPlan
{
    public WorldPlan(Rng rng)
    {
        Nodes = rng.Below(4) == 0 ? 4 : 5;
        StartsAlone = rng.Below(5) == 0;
        (ReplicationFactor, MinInSync) = rng.Below(7) switch { 0 => (3, 1), 1 => (2, 1), _ => (3, 2) };
        var grant = rng.Below(3) switch { 0 => 1000, 1 => 2000, _ => 4000 };
        var isHasty = rng.Below(2) == 0;
        Timings = new ProtocolTimings
        {
            Heartbeat = isHasty ? 250 : 400,
            Grant = grant,
            GrantMargin = grant / 10,
            HeartbeatTimeout = 1500,
            Resend = 400,
            ReplicationTimeout = isHasty ? 900 : 2500,
            Stuck = 4000,
            HandOff = 2000,
            Transfer = 3000,
            Window = 64,
            MaxBatch = 16,
            PinnedRecords = 60,
        };
        FaultTime = rng.Between(15_000, 60_000);
        Loss = rng.Below(3) switch { 0 => 0, 1 => 0.02, _ => 0.1 };
        Doubled = rng.Below(2) == 0 ? 0 : 0.05;
        Late = rng.Below(3) switch { 0 => 0, 1 => 0.01, _ => 0.08 };
        FaultEvery = rng.Below(4) switch { 0 => 4000, 1 => 2000, _ => 1000 };
        CheckpointEvery = rng.Between(10, 50);
        Favourite = rng.Below(2) == 0 ? rng.Below(SimFaults.Kinds) : -1;
        HandsToKernel = rng.Below(8) == 0;
        MayLoseAll = rng.Below(6) == 0 && !HandsToKernel;
        ThinkTime = rng.Below(3) switch { 0 => 50, 1 => 150, _ => 400 };
    }

    public int Nodes { get; }

    /// <summary>Nothing goes wrong except the one thing named.</summary>
    public void KeepCalm(int onlyFault)
    {
        (Loss, Doubled, Late, HandsToKernel) = (0, 0, 0, false);
        (OnlyFault, FaultEvery, FaultTime, StartsAlone) = (onlyFault, 800, 20_000, false);
    }

    /// <summary>The only fault there is; -1: any.</summary>
    public int OnlyFault { get; private set; } = -1;

    public int ReplicationFactor { get; }

    public int MinInSync { get; }

    /// <summary>Safety must not depend on which of the times is the longer one.</summary>
    public ProtocolTimings Timings { get; }

    /// <summary>One in-sync member that grows to all; else all from the start.</summary>
    public bool StartsAlone { get; private set; }

    public long FaultTime { get; private set; }

    public double Loss { get; private set; }

    public double Doubled { get; private set; }

    public double Late { get; private set; }

    /// <summary>Mean time between two faults.</summary>
    public int FaultEvery { get; private set; }

    public long CheckpointEvery { get; }

    /// <summary>Mean time between two requests of a client.</summary>
    public int ThinkTime { get; }

    /// <summary>A fault that strikes as often as all others together; -1: none.</summary>
    public int Favourite { get; }

    /// <summary>Journals are not synced: what the kernel has counts as durable, and a crash costs a log its incarnation.</summary>
    public bool HandsToKernel { get; private set; }

    /// <summary>Once, all in-sync members may be gone at a time, so that an operator has to force an election.</summary>
    public bool MayLoseAll { get; }

    public TableEntry FirstEntry(SimNode[] nodes) => new()
    {
        Term = 1,
        Version = 1,
        ReplicationFactor = ReplicationFactor,
        MinInSync = MinInSync,
        Primary = nodes[0].Id,
        InSync = [.. nodes.Take(StartsAlone ? 1 : ReplicationFactor).Select(static node => node.Disk.Self)],
        Learners = ImmutableArray<ReplicaId>.Empty,
    };
}
