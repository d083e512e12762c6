using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Read;

/// <summary>
/// What a node answers: the partitions for which its answer is complete, those of them that hold anything of the tenant with what they hold, and those
/// that it has but cannot speak for. Disposing it disposes the contents.
/// </summary>
internal sealed class NodeAnswer<T>(
    IReadOnlyList<PartitionAnswer<T>> contents, IReadOnlyList<PartitionId> answered, IReadOnlyList<UnansweredPartition> unanswered) : IDisposable
{
    /// <summary>What was found, by partition; each once, all of them in <see cref="Answered"/>.</summary>
    public IReadOnlyList<PartitionAnswer<T>> Contents => contents;

    /// <summary>Partitions for which the answer is complete.</summary>
    public IReadOnlyList<PartitionId> Answered => answered;

    /// <summary>Partitions that the node has and did not answer for.</summary>
    public IReadOnlyList<UnansweredPartition> Unanswered => unanswered;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var content in contents)
        {
            content.Dispose();
        }
    }
}

/// <summary>What a partition's head holds for a read, and the hand-overs to blocks that were known once it had been read.</summary>
internal readonly record struct PartitionAnswer<T>(PartitionId Partition, T Value, IReadOnlyList<TruncatedGeneration> Truncated) : IDisposable
{
    /// <summary>Gives back what is pooled in the value.</summary>
    public void Dispose() => (Value as IDisposable)?.Dispose();
}

/// <summary>A partition without an answer, and why where there is anything to say.</summary>
internal readonly record struct UnansweredPartition(PartitionId Partition, string? Reason);
