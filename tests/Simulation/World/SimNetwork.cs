using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>Links between nodes, and from nodes to the store: lost, late, doubled, out of order, cut in one direction or both.</summary>
internal sealed class SimNetwork(int nodes, Rng rng, double loss, double doubled, double late)
{
    /// <summary>Index of the coordination store as a peer.</summary>
    public const int Store = 15;

    private readonly bool[,] _cut = new bool[16, 16];

    private readonly long[] _slowUntil = new long[16];

    public bool Quiet { get; set; }

    public void Cut(int from, int to, bool isCut) => _cut[from, to] = isCut;

    public bool IsCut(int from, int to) => _cut[from, to];

    public void HealAll()
    {
        Array.Clear(_cut);
        Quiet = true;
    }

    /// <summary>How often a message arrives, and after how long.</summary>
    public int Deliveries(int from, int to)
    {
        if (_cut[from, to] || (!Quiet && rng.Chance(loss)))
        {
            return 0;
        }

        return !Quiet && rng.Chance(doubled) ? 2 : 1;
    }

    public long Delay() => !Quiet && rng.Chance(late) ? rng.Between(50, 2500) : rng.Between(1, 12);

    /// <summary>What is sent to a node before a time is under way for long.</summary>
    public void SlowDown(int to, long until) => _slowUntil[to] = until;

    public long Delay(int to, long now) => !Quiet && now < _slowUntil[to] ? rng.Between(1000, 4000) : Delay();

    public int RandomNode() => rng.Below(nodes);
}
