using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>All in-sync members are gone, and an operator makes the partition go on with what some other replica holds.</summary>
internal sealed class SimForcedElection(World world)
{
    /// <summary>False: no replica is there to go on with.</summary>
    public bool TryForce(TableEntry entry)
    {
        var chosen = Array.Find(world.Nodes, node => IsCandidate(node, entry));
        if (chosen is null || world.Coordination.InFlight > 0)
        {
            return false;
        }

        if (world.Nodes[World.IndexOf(entry.Primary)].Disk.Checkpoint is { } file)
        {
            // One that the former primary has sent may still be under way.
            world.Schedule(world.Rng.Between(1, 800), new SimEvent(SimKind.Checkpoint, chosen.Index, 0, World.IndexOf(entry.Primary), chosen.Replica!.Core.Term, file));
        }

        foreach (var node in world.Nodes)
        {
            if (node == chosen || !node.IsUp)
            {
                continue;
            }

            // Whoever leads, or believes so, is down when an operator forces an election; backups may just be out of reach.
            if (node.Replica!.Core.Phase != PrimaryPhase.None || world.Rng.Below(2) == 0)
            {
                world.Faults.Crash(node, machine: false, world.Rng.Between(1000, 5000));
            }
            else
            {
                world.Faults.Cut(node.Index, chosen.Index, world.Rng.Between(500, 3000), bothWays: true);
            }
        }

        var core = new CoordinatorCore(new NodeId(99), 7_000_000, new CoordinatorTimings(), world.Protocol);
        core.ForceElect(entry, chosen.Disk.Self);
        var write = (WriteEntry)core.Effects[0];
        world.Trace?.Note(world.Now, $"an operator forces {chosen.Id}");
        world.Ledger.IsForced = true;
        world.Ledger.GiveUpBeyond(chosen.Index, chosen.Replica!.Core.Log);
        world.Coordination.Put(write.ExpectedVersion, write.Proposed);
        world.Ledger.IsForced = false;

        // The command is carried out on the node that is chosen: its replica knows at once and gives nothing up any more.
        chosen.Replica.Handle(new SimEvent(SimKind.EntryPushed, chosen.Index, 0, 0, 0, world.Store.Entry));
        return true;
    }

    private bool IsCandidate(SimNode node, TableEntry entry) =>
        node.IsUp && node.PausedUntil <= world.Now && node.Id != entry.Primary && node.Replica!.Core.Phase == PrimaryPhase.None
        && !node.Disk.HasWaiting && node.Replica.Core.Log.End.Seq > 0 && node.Replica.Core.Log.Base.Seq <= world.Ledger.CommittedSeq;
}
