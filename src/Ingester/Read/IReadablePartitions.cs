using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Read;

/// <summary>The partitions of this node, for reading. Thread-safe.</summary>
internal interface IReadablePartitions
{
    /// <summary>Begins a read: until the answer is disposed, no head of it is freed.</summary>
    /// <exception cref="PartitionUnavailableException">The node cannot read any partition now.</exception>
    IPartitionsRead BeginRead();
}

/// <summary>A read under way.</summary>
internal interface IPartitionsRead : IDisposable
{
    /// <summary>Every partition that this node held when the read began, whatever its role.</summary>
    IReadOnlyCollection<IReadablePartition> Partitions { get; }
}

/// <summary>A partition that this node holds.</summary>
internal interface IReadablePartition
{
    /// <summary>The partition.</summary>
    PartitionId Partition { get; }

    /// <summary>What it holds.</summary>
    PartitionState State { get; }

    /// <summary>
    /// Whether what was read of <see cref="State"/> before this call is complete: nothing that was acknowledged before the read began is missing.
    /// </summary>
    bool MayAnswer();

    /// <summary>Why it may not answer, for people; null where that is not known or needs no words, as in a replica that is no primary.</summary>
    string? Refusal { get; }
}
