namespace Deucalion.Replication.Membership;

/// <summary>Another process runs under this node's id: two data directories are copies of one, or the same is used twice.</summary>
public sealed class NodeIdInUseException(string id, string? address)
    : InvalidOperationException(
        $"another process{(address is null ? string.Empty : $" (at {address})")} runs as node {id}: it keeps the lease alive. "
        + "Each node needs a data directory of its own; a copied one must lose its file node-id");
