using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>The ways to the coordination store, and the coordinators: usually one, sometimes two, sometimes none.</summary>
internal sealed class SimCoordination(World world)
{
    private const long AnswerTimeout = 700;

    private const long ReplaceAfter = 6000;

    private static readonly CoordinatorTimings Timings = new() { ReportsLast = 2500, ElectionPatience = 3000, Propose = 1500 };

    /// <summary>Who was primary before the present one.</summary>
    public NodeId FormerPrimary { get; private set; } = world.Store.Entry.Primary;

    /// <summary>Compare-and-swaps that were sent and have not arrived.</summary>
    public int InFlight { get; private set; }

    public void Begin()
    {
        Appoint(world.Rng.Below(world.Nodes.Length));
        foreach (var node in world.Nodes)
        {
            Push(node, 1);
        }
    }

    /// <summary>A node becomes coordinator, until its process ends or another word comes.</summary>
    public void Appoint(int index)
    {
        var node = world.Nodes[index];
        if (node.IsUp && node.Coordinator is null)
        {
            node.Coordinator = new SimCoordinator(node.Id, 1_000_000 + (ulong)world.NextReplica(), Timings, ReplaceAfter, world.Protocol);
            world.Schedule(200, new SimEvent(SimKind.CoordinatorTick, index, 0, 0, 0, null));
        }
    }

    public void Renew(int node)
    {
        if (Reaches(node) && !world.Store.IsDown)
        {
            world.Store.Renew(node, world.Now);
        }
    }

    public void Poll(int node, int replica) => Read(node, replica, poll: true);

    public void Read(int node, int replica) => Read(node, replica, poll: false);

    public void Swap(int node, int replica, CasEntry cas)
    {
        world.Schedule(AnswerTimeout, new SimEvent(SimKind.CasAnswer, node, replica, (int)CasOutcome.Unknown, cas.Proposed.Counter, null));
        if (world.Network.Deliveries(node, SimNetwork.Store) > 0)
        {
            InFlight++;
            world.Schedule(world.Network.Delay(), new SimEvent(SimKind.CasArrives, -1, replica, node, cas.ExpectedVersion, cas.Proposed));
        }
    }

    /// <summary>A replica tells all coordinators.</summary>
    public void Report(int node, ReplicaEffect effect)
    {
        foreach (var other in world.Nodes)
        {
            if (other.Coordinator is not null && world.Network.Deliveries(node, other.Index) > 0)
            {
                world.Schedule(world.Network.Delay(), new SimEvent(SimKind.Report, other.Index, 0, node, 0, effect));
            }
        }
    }

    /// <summary>Something at the store.</summary>
    public void Handle(in SimEvent happening)
    {
        var node = happening.From;
        if (happening.Kind == SimKind.CasArrives)
        {
            InFlight--;
            if (world.Store.IsDown)
            {
                return;
            }

            var done = Put(happening.Number, (TableEntry)happening.Payload!);
            Answer(new SimEvent(SimKind.CasAnswer, node, happening.Process, (int)(done ? CasOutcome.Done : CasOutcome.Conflict), ((TableEntry)happening.Payload!).Counter, null));
        }
        else if (!world.Store.IsDown)
        {
            Answer(new SimEvent(happening.Number == 0 ? SimKind.EntryAnswer : SimKind.EntryPushed, node, happening.Process, 0, 0, world.Store.Entry));
        }
    }

    /// <summary>Something at a coordinator.</summary>
    public void Handle(SimNode node, in SimEvent happening)
    {
        if (node.Coordinator is not { Core: var core } coordinator)
        {
            return;
        }

        var now = node.Clock(world.Now);
        switch (happening.Payload)
        {
            case ReportPrimaryMissing missing:
                core.PrimaryMissing(World.IdOf(happening.From), missing.Term, now);
                break;
            case AskReplacement asked:
                core.ReplacementAsked(World.IdOf(happening.From), asked.Term, now);
                break;
            default:
                world.Schedule(500, happening);
                if (Reaches(node.Index) && !world.Store.IsDown)
                {
                    foreach (var other in world.Nodes)
                    {
                        coordinator.NodeSeen(other, world.Store.HasLease(other.Index, world.Now), now);
                    }

                    coordinator.Tick(world.Store.Entry, now);
                }

                break;
        }

        CarryOut(node, core);
    }

    /// <summary>A compare-and-swap that no node waits for: a coordinator's, an operator's.</summary>
    public bool Put(long expectedVersion, TableEntry proposed)
    {
        var before = world.Store.Entry;
        if (!world.Store.Swap(expectedVersion, proposed))
        {
            return false;
        }

        world.Trace?.Note(world.Now, $"table: {proposed}");
        if (before.Primary != proposed.Primary)
        {
            FormerPrimary = before.Primary;
        }

        world.Ledger.TableChanged(before, proposed);
        foreach (var node in world.Nodes)
        {
            if (world.Network.Deliveries(SimNetwork.Store, node.Index) > 0)
            {
                Push(node, world.Network.Delay());
            }
        }

        return true;
    }

    private void CarryOut(SimNode node, CoordinatorCore core)
    {
        foreach (var effect in core.Effects)
        {
            switch (effect)
            {
                case WriteEntry write when world.Network.Deliveries(node.Index, SimNetwork.Store) > 0:
                    InFlight++;
                    world.Schedule(world.Network.Delay(), new SimEvent(SimKind.CasArrives, -1, -1, node.Index, write.ExpectedVersion, write.Proposed));
                    break;
                case Tell tell:
                    world.Send(node.Index, World.IndexOf(tell.To), tell.Message);
                    break;
            }
        }

        core.Effects.Clear();
    }

    private void Push(SimNode node, long delay) =>
        world.Schedule(delay, new SimEvent(SimKind.EntryPushed, node.Index, 0, 0, 0, world.Store.Entry));

    private bool Reaches(int node) => !world.Network.IsCut(node, SimNetwork.Store) && !world.Network.IsCut(SimNetwork.Store, node);

    private void Read(int node, int replica, bool poll)
    {
        if (world.Network.Deliveries(node, SimNetwork.Store) > 0)
        {
            world.Schedule(world.Network.Delay(), new SimEvent(SimKind.EntryRead, -1, replica, node, poll ? 1 : 0, null));
        }
    }

    private void Answer(in SimEvent happening)
    {
        if (happening.Process > 0 && world.Network.Deliveries(SimNetwork.Store, happening.Node) > 0)
        {
            world.Schedule(world.Network.Delay(), happening);
        }
    }
}
