using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>What goes wrong, and what operators and coordinators do at bad times.</summary>
internal sealed class SimFaults(World world)
{
    public const int Kinds = 22;

    /// <summary>The planned change of a primary.</summary>
    public const int HandOffKind = 11;

    /// <summary>The planned move of a replica.</summary>
    public const int MoveKind = 12;

    /// <summary>A replica that is about to stop asks its primary to do without it; it goes on or stops, as chance has it.</summary>
    public const int AsideKind = 21;

    /// <summary>A node stands still so long that it has to be asked again what it holds, and no longer. Only where it is the only fault.</summary>
    public const int SilenceKind = Kinds;

    private readonly SimTraps _traps = new(world);
    private readonly SimForcedElection _forcing = new(world);
    private bool _forced;
    private long _wipedAt = long.MinValue / 2;

    public SimTraps Traps => _traps;

    public void Begin() => Next();

    public void HealAll()
    {
        world.Network.HealAll();
        world.Store.IsDown = false;
        world.Objects.IsDown = false;
        foreach (var node in world.Nodes)
        {
            node.IsSlow = false;
            if (node.PausedUntil > world.Now)
            {
                node.PausedUntil = world.Now;
                world.Resume(node.Index);
            }

            if (!node.IsUp)
            {
                Restart(node);
            }
        }

        if (!world.Nodes.Any(static node => node.Coordinator is not null))
        {
            world.Coordination.Appoint(world.Network.RandomNode());
        }
    }

    public void Handle(in SimEvent happening)
    {
        switch (happening.Kind)
        {
            case SimKind.Fault when !world.IsQuiet:
                Strike();
                Next();
                break;
            case SimKind.Heal:
                world.Network.Cut(happening.From, (int)happening.Number, false);
                break;
            case SimKind.Restart:
                Recover(world.Nodes[happening.From], happening.Number);
                break;
        }
    }

    private void Next() => world.Schedule(world.Rng.Between(100, 2 * world.Plan.FaultEvery), new SimEvent(SimKind.Fault, -1, 0, 0, 0, null));

    private void Strike()
    {
        var rng = world.Rng;
        var entry = world.Store.Entry;
        var index = rng.Below(3) == 0 ? World.IndexOf(entry.Primary) : world.Network.RandomNode();
        var node = world.Nodes[index];
        var kind = world.Plan.Favourite >= 0 && rng.Below(2) == 0 ? world.Plan.Favourite : rng.Below(Kinds);
        switch (world.Plan.OnlyFault >= 0 ? world.Plan.OnlyFault : kind)
        {
            case 0 or 1:
                Crash(node, machine: rng.Below(2) == 0, rng.Below(3) == 0 ? rng.Between(2000, 9000) : rng.Between(50, 1500));
                break;
            case 2 when MayWipe(node):
                Crash(node, machine: true, rng.Between(100, 6000));
                _wipedAt = world.Now;
                node.Wipe();
                world.Trace?.Note(world.Now, $"{node.Id} is wiped");
                break;
            case 3 or 4 when node.IsUp && node.PausedUntil <= world.Now:
                Pause(node, rng.Below(2) == 0 ? rng.Between(300, 2500) : rng.Between(2000, 7000));
                break;
            case SilenceKind when node.IsUp && node.PausedUntil <= world.Now:
                Pause(node, rng.Between(1300, 2500));
                break;
            case 5 or 6:
                Cut(index, rng.Below(4) == 0 ? SimNetwork.Store : world.Network.RandomNode(), rng.Between(300, 6000), rng.Below(2) == 0);
                break;
            case 7:
                var length = rng.Between(500, 6000);
                for (var other = 0; other < world.Nodes.Length; other++)
                {
                    Cut(index, other, length, bothWays: true);
                }

                Cut(index, SimNetwork.Store, length, bothWays: rng.Below(2) == 0);
                break;
            case 8:
                world.Store.IsDown = true;
                world.Schedule(rng.Between(300, 4000), new SimEvent(SimKind.Restart, -1, 0, 0, 2, null));
                break;
            case 9:
                node.IsSlow = true;
                world.Schedule(rng.Between(500, 5000), new SimEvent(SimKind.Restart, -1, 0, index, 3, null));
                break;
            case 10:
                ElectSpuriously(entry);
                break;
            case HandOffKind:
                HandOff(entry);
                break;
            case MoveKind:
                Move(entry);
                break;
            case AsideKind:
                var leaver = entry.InSync[rng.Below(entry.InSync.Length)].Node;
                world.Send(World.IndexOf(leaver), World.IndexOf(entry.Primary), new StandAside(entry.Term));
                break;
            case 13:
                ChangeCoordinator(index);
                break;
            case 14:
                Split(entry);
                break;
            case 15:
                _traps.ElectBehindItsBack(entry);
                break;
            case 16:
                _traps.LeaveInTheDarkAfterHandOff(entry);
                break;
            case 17:
                _traps.HearOldNews(entry);
                break;
            case 18 when world.Plan.MayLoseAll && !_forced:
                _forced = _forcing.TryForce(entry);
                break;
            case 20:
                world.Objects.IsDown = true;
                world.Schedule(rng.Between(500, 8000), new SimEvent(SimKind.Restart, -1, 0, 0, 7, null));
                break;
            case 19:
                var wanted = (int)rng.Between(2, 3);
                world.Send(world.Network.RandomNode(), World.IndexOf(entry.Primary), new SetNumbers(entry.Term, wanted, (int)rng.Between(1, 2)));
                break;
        }
    }

    public void Crash(SimNode node, bool machine, long downTime)
    {
        if (!node.IsUp || (world.Plan.HandsToKernel && !MayWipe(node)))
        {
            return;
        }

        _wipedAt = world.Plan.HandsToKernel ? world.Now : _wipedAt;
        world.Trace?.Note(world.Now, $"{node.Id} crashes{(machine ? " with its machine" : string.Empty)}");
        node.Crash(machine);
        node.PausedUntil = 0;
        world.DropHeld(node.Index);
        world.Schedule(downTime, new SimEvent(SimKind.Restart, -1, 0, node.Index, 0, null));
    }

    private void Pause(SimNode node, long length)
    {
        node.PausedUntil = world.Now + length;
        world.Trace?.Note(world.Now, $"{node.Id} stands still for {length}");
        world.Schedule(length, new SimEvent(SimKind.Restart, -1, 0, node.Index, 1, null));
    }

    private void Restart(SimNode node)
    {
        world.Trace?.Note(world.Now, $"{node.Id} starts");
        node.Start();
    }

    private void Recover(SimNode node, long what)
    {
        switch (what)
        {
            case 0 when !node.IsUp:
                Restart(node);
                break;
            case 1 when node.PausedUntil <= world.Now:
                world.Resume(node.Index);
                break;
            case 2:
                world.Store.IsDown = false;
                break;
            case 3:
                node.IsSlow = false;
                break;
            case 7:
                world.Objects.IsDown = false;
                break;
            case 4 when !world.IsQuiet:
                _traps.Isolate(node.Index, world.Rng.Between(1000, 5000), except: -1);
                break;
            case 5:
                node.IsSlow = false;
                if (!world.IsQuiet)
                {
                    Crash(node, machine: true, world.Rng.Between(10, 300));
                }

                break;
            case 6 when !world.IsQuiet:
                _traps.ElectBehindItsBack(world.Store.Entry);
                break;
        }
    }

    /// <summary>One disk at a time: the partition promises to survive as many losses as it has members beyond one.</summary>
    private bool MayWipe(SimNode node) =>
        node.IsUp && world.Now - _wipedAt > 3000 && world.Coordination.InFlight == 0 && world.Store.Entry.InSync.Length >= 2
        && world.Store.Entry.InSync.All(replica => world.Nodes[World.IndexOf(replica.Node)].Disk.Self == replica);

    public void Cut(int from, int to, long length, bool bothWays)
    {
        if (from == to)
        {
            return;
        }

        world.Trace?.Note(world.Now, $"cut n{from + 1} to n{to + 1}{(bothWays ? " both ways" : string.Empty)}");
        world.Network.Cut(from, to, true);
        world.Schedule(length, new SimEvent(SimKind.Heal, -1, 0, from, to, null));
        if (bothWays)
        {
            world.Network.Cut(to, from, true);
            world.Schedule(length, new SimEvent(SimKind.Heal, -1, 0, to, from, null));
        }
    }

    /// <summary>Whoever believes a primary dead may be wrong: a living one is replaced.</summary>
    public void ElectSpuriously(TableEntry entry, NodeId? except = null)
    {
        var candidates = world.Protocol.ElectsOnlyInSync ? entry.InSync : entry.InSync.AddRange(entry.Learners);
        if (candidates.Length > 1 && except is { } former)
        {
            candidates = candidates.RemoveAll(replica => replica.Node == former);
        }

        var chosen = candidates[world.Rng.Below(candidates.Length)];
        var next = entry.WithPrimary(chosen.Node);
        if (!entry.IsInSync(chosen))
        {
            next = next with { InSync = entry.InSync.Add(new ReplicaId(chosen.Node, world.Nodes[World.IndexOf(chosen.Node)].Disk.Self.Incarnation)) };
        }

        world.Coordination.Put(entry.Version, next with { Writer = 1, Counter = world.NextRequest() });
    }

    public void HandOff(TableEntry entry)
    {
        var to = entry.InSync[world.Rng.Below(entry.InSync.Length)].Node;
        to = to == entry.Primary ? entry.InSync[^1].Node : to;
        if (entry.Learners.Length > 0 && world.Rng.Below(4) == 0)
        {
            // Whoever asked for it may have an old table.
            to = entry.Learners[world.Rng.Below(entry.Learners.Length)].Node;
        }

        world.Send(world.Network.RandomNode(), World.IndexOf(entry.Primary), new HandOffRequest(entry.Term, to));
    }

    /// <summary>Two nodes on one side, the others and the store on the other.</summary>
    private void Split(TableEntry entry)
    {
        var first = world.Rng.Below(3) == 0 ? world.Network.RandomNode() : World.IndexOf(entry.Primary);
        var second = world.Rng.Below(3) == 0 ? world.Network.RandomNode() : World.IndexOf(entry.InSync[world.Rng.Below(entry.InSync.Length)].Node);
        var length = world.Rng.Between(1500, 12_000);
        foreach (var node in new[] { first, second })
        {
            for (var other = 0; other < world.Nodes.Length; other++)
            {
                if (other != first && other != second)
                {
                    Cut(node, other, length, bothWays: true);
                }
            }

            Cut(node, SimNetwork.Store, length, bothWays: true);
        }
    }

    private void Move(TableEntry entry)
    {
        var from = entry.InSync[world.Rng.Below(entry.InSync.Length)].Node;
        var to = World.IdOf(world.Network.RandomNode());
        if (entry.InSyncOn(to) is null)
        {
            world.Send(world.Network.RandomNode(), World.IndexOf(entry.Primary), new PlaceReplica(entry.Term, to, from));
        }
    }

    private void ChangeCoordinator(int index)
    {
        if (world.Rng.Below(2) == 0)
        {
            world.Nodes[index].Coordinator = null;
        }

        world.Coordination.Appoint(world.Network.RandomNode());
    }
}
