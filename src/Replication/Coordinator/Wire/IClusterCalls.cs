using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Calls about the cluster to other nodes, and to this one. Thread-safe.</summary>
internal interface IClusterCalls
{
    /// <summary>One question, one answer. <see cref="Common.Wire.WireException"/> where there is none, also for a node whose address is not known, or is none.</summary>
    ValueTask<ReadOnlyMemory<byte>> CallAsync(NodeId to, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken);
}
