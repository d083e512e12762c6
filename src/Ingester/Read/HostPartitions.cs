using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Read;

/// <summary>The partitions of this node. Thread-safe.</summary>
internal sealed class HostPartitions(PartitionHost host) : IReadablePartitions
{
    /// <inheritdoc/>
    public IPartitionsRead BeginRead() => new Begun(host.BeginRead());

    private sealed class Begun(PartitionRead read) : IPartitionsRead
    {
        public IReadOnlyCollection<IReadablePartition> Partitions { get; } = [.. read.Partitions.Select(static x => new Readable(x))];

        public void Dispose() => read.Dispose();
    }

    private sealed class Readable(PartitionHandle handle) : IReadablePartition
    {
        public PartitionId Partition => handle.Partition;

        public PartitionState State => handle.State;

        public string? Refusal => handle.Unreadable;

        public bool MayAnswer() => handle.MayAnswer;
    }
}
