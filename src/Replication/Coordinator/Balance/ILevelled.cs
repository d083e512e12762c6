namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>Things that lie on nodes and can go from one to another: what a <see cref="Leveller"/> evens out.</summary>
internal interface ILevelled
{
    int Nodes { get; }

    /// <summary>How many things lie on a node.</summary>
    int Load(int node);

    /// <summary>Whether things may be taken from a node to even loads out.</summary>
    bool Gives(int node);

    /// <summary>Whether a node may get things.</summary>
    bool Takes(int node);

    /// <summary>For every node the thing that goes there from this one at the lowest cost, or null: none can.</summary>
    void Offer(int from, Span<Carry?> to);

    /// <summary>Whether a thing can go between the nodes now.</summary>
    bool Allows(int item, int from, int to);

    void Move(int item, int from, int to);
}

/// <summary>A thing that can go from one node to another.</summary>
/// <param name="Item">The thing.</param>
/// <param name="Cost">What it costs; 0 where it does not lie on the node yet.</param>
internal readonly record struct Carry(int Item, int Cost);
