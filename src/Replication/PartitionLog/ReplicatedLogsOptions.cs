using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Where and how a node keeps the logs of its partitions.</summary>
public sealed class ReplicatedLogsOptions
{
    /// <summary>Directory of the node's partitions; <c>&lt;id&gt;/checkpoint</c> below it.</summary>
    public required string PartitionsDirectory { get; init; }

    /// <summary>The journal.</summary>
    public required JournalOptions Journal { get; init; }

    /// <summary>Where the replicas of a partition that is created here go; this node leads it, whatever the plan says.</summary>
    public Func<PartitionId, NewPartitionPlan> PlanNewPartition { get; init; } = static _ => new NewPartitionPlan([], 1, 1);

    /// <summary>A backup that is behind or silent for so long is removed from those in sync.</summary>
    public TimeSpan ReplicationTimeout
    {
        init => Timings = Timings with { ReplicationTimeout = (long)value.TotalMilliseconds };
    }

    /// <summary>Times and limits of the protocol.</summary>
    internal ProtocolTimings Timings { get; init; } = new();

    /// <summary>How often the protocol's clock ticks where there are other replicas, or something is under way.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Least time between two attempts to go on after the disk has refused records; what it takes to see that it is over is a tick more.</summary>
    public TimeSpan RestartPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A replica that the table has not listed for so many milliseconds gives its records back.</summary>
    public long LeaveAfter { get; init; } = 120_000;

    /// <summary>Bytes of applied records that a partition with other replicas keeps in memory for them; older ones are read from the journal.</summary>
    public long RetainedBytes { get; init; } = 4L << 20;
}

/// <summary>Replicas of a new partition.</summary>
/// <param name="Nodes">Nodes in order of preference.</param>
/// <param name="ReplicationFactor">Wanted number of replicas.</param>
/// <param name="MinInSync">In-sync members are never reduced below this number.</param>
public sealed record NewPartitionPlan(IReadOnlyList<string> Nodes, int ReplicationFactor, int MinInSync);
