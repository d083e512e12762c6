using Deucalion.Cluster.Network;
using Deucalion.Cluster.Stores;

namespace Deucalion.Cluster.Nodes;

/// <summary>A cluster that scenarios break and judge: real processes, or the fake that proves the judges.</summary>
internal interface ICluster : IAsyncDisposable
{
    /// <summary>The members, those that are down included; a new list for each change.</summary>
    IReadOnlyList<IClusterNode> Nodes { get; }

    INodeNetwork Network { get; }

    IClusterStore Store { get; }

    /// <summary>Starts a further node, or the first one, and waits until it is ready.</summary>
    Task<IClusterNode> AddAsync(string zone);

    /// <summary>Takes a node out for good, as an operator would: drained, stopped, forgotten.</summary>
    Task RemoveAsync(IClusterNode node);
}
