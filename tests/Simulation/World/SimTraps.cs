using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>Faults that come together: what single ones would meet by chance too seldom.</summary>
internal sealed class SimTraps(World world)
{
    /// <summary>A primary is replaced and hears nothing of it, while clients and readers still reach it; members may just have restarted.</summary>
    public void ElectBehindItsBack(TableEntry entry)
    {
        var former = World.IndexOf(entry.Primary);
        var rng = world.Rng;
        Isolate(former, rng.Between(1000, 6000), rng.Below(2) == 0 ? World.IndexOf(entry.InSync[rng.Below(entry.InSync.Length)].Node) : -1);
        var restarted = rng.Below(3);
        foreach (var replica in entry.InSync)
        {
            var member = World.IndexOf(replica.Node);
            if (member != former && (restarted == 0 || (restarted == 1 && rng.Below(2) == 0)))
            {
                world.Faults.Crash(world.Nodes[member], machine: rng.Below(2) == 0, rng.Between(10, 200));
            }
        }

        world.Faults.ElectSpuriously(entry, entry.Primary);
        CrashSoon(entry);
    }

    /// <summary>A planned change of primary, in the middle of which the old one loses touch with everybody.</summary>
    public void LeaveInTheDarkAfterHandOff(TableEntry entry)
    {
        world.Faults.HandOff(entry);
        world.Schedule(world.Rng.Between(3, 60), new SimEvent(SimKind.Restart, -1, 0, World.IndexOf(entry.Primary), 4, null));
    }

    /// <summary>What the primary hears is old, and then it hears nothing, while another one is elected.</summary>
    public void HearOldNews(TableEntry entry)
    {
        var former = World.IndexOf(entry.Primary);
        var length = world.Rng.Between(200, 1000);
        world.Network.SlowDown(former, world.Now + length);
        world.Schedule(length, new SimEvent(SimKind.Restart, -1, 0, former, 6, null));
    }

    /// <summary>A word was given that its disk does not know yet: now would be a bad time for the machine to fail.</summary>
    public void WordWasGiven(int node)
    {
        if (!world.IsQuiet && world.Rng.Below(2) == 0)
        {
            world.Schedule(1, new SimEvent(SimKind.Restart, -1, 0, node, 5, null));
        }
    }

    public void Isolate(int node, long length, int except)
    {
        for (var other = 0; other < world.Nodes.Length; other++)
        {
            if (other != except)
            {
                world.Faults.Cut(node, other, length, bothWays: true);
            }
        }

        world.Faults.Cut(node, SimNetwork.Store, length, bothWays: true);
    }

    /// <summary>A member's machine fails while the new term goes round.</summary>
    private void CrashSoon(TableEntry entry)
    {
        if (world.Rng.Below(2) == 0)
        {
            var member = World.IndexOf(entry.InSync[world.Rng.Below(entry.InSync.Length)].Node);
            world.Nodes[member].IsSlow = true;
            world.Schedule(world.Rng.Between(20, 500), new SimEvent(SimKind.Restart, -1, 0, member, 5, null));
        }
    }
}
