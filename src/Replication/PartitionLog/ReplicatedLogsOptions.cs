using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Where and how a node keeps the logs of its partitions.</summary>
public sealed class ReplicatedLogsOptions
{
    /// <summary>Directory of the node's partitions; <c>&lt;id&gt;/checkpoint</c> below it.</summary>
    public required string PartitionsDirectory { get; init; }

    /// <summary>The journal.</summary>
    public required JournalOptions Journal { get; init; }

    /// <summary>Replicas of partitions that are created here.</summary>
    public int ReplicationFactor { get; init; } = 1;
}
