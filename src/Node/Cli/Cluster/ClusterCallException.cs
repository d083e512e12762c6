namespace Deucalion.Node.Cli.Cluster;

/// <summary>What was asked of a node did not happen. The message says why, for people.</summary>
internal sealed class ClusterCallException(string message, bool mayPass, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same question may be answered a moment later: the node cannot be reached, starts, or finds no coordinator.</summary>
    public bool MayPass { get; } = mayPass;
}
