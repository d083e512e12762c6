using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>The coordination store: one entry, leases by node. Linearizable; whether answers arrive is the network's business.</summary>
internal sealed class SimStore(TableEntry first, int nodes, WorldRules rules)
{
    private readonly long[] _renewed = new long[nodes];

    public TableEntry Entry { get; private set; } = first;

    public bool IsDown { get; set; }

    public bool Swap(long expectedVersion, TableEntry proposed)
    {
        if (Entry.Version != expectedVersion && rules.TableIsConditional)
        {
            return false;
        }

        Entry = proposed;
        return true;
    }

    public void Renew(int node, long now) => _renewed[node] = now;

    public bool HasLease(int node, long now) => now - _renewed[node] < World.LeaseTime;
}
