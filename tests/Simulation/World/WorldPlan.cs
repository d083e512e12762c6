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
        FaultTime = rng.Between(15_000, 60_000);
        Loss = rng.Below(3) switch { 0 => 0, 1 => 0.02, _ => 0.1 };
        Doubled = rng.Below(2) == 0 ? 0 : 0.05;
        Late = rng.Below(3) switch { 0 => 0, 1 => 0.01, _ => 0.08 };
        FaultEvery = rng.Below(4) switch { 0 => 4000, 1 => 2000, _ => 1000 };
        CheckpointEvery = rng.Between(10, 50);
        ThinkTime = rng.Below(3) switch { 0 => 50, 1 => 150, _ => 400 };
    }

    public int Nodes { get; }

    /// <summary>One in-sync member that grows to three; else three from the start.</summary>
    public bool StartsAlone { get; }

    public long FaultTime { get; }

    public double Loss { get; }

    public double Doubled { get; }

    public double Late { get; }

    /// <summary>Mean time between two faults.</summary>
    public int FaultEvery { get; }

    public long CheckpointEvery { get; }

    /// <summary>Mean time between two requests of a client.</summary>
    public int ThinkTime { get; }

    public TableEntry FirstEntry(SimNode[] nodes) => new()
    {
        Term = 1,
        Version = 1,
        ReplicationFactor = 3,
        MinInSync = 2,
        Primary = nodes[0].Id,
        InSync = [.. nodes.Take(StartsAlone ? 1 : 3).Select(static node => node.Disk.Self)],
        Learners = ImmutableArray<ReplicaId>.Empty,
    };
}
