using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>What recovery found of one partition's log.</summary>
internal sealed record RecoveredLog
{
    /// <summary>A partition that nothing is known of here.</summary>
    public static RecoveredLog Empty(UInt128 epoch, bool mayHaveLost) => new()
    {
        Index = new LogIndex(LogPoint.Start),
        Applied = LogPoint.Start,
        Unapplied = [],
        Epoch = epoch,
        MayHaveLost = mayHaveLost,
    };

    /// <summary>Checkpoint and records behind it.</summary>
    public required LogIndex Index { get; init; }

    /// <summary>Last record that the owner was fed with.</summary>
    public required LogPoint Applied { get; init; }

    /// <summary>Records behind it: whether they are committed is not known yet.</summary>
    public required IReadOnlyList<LogRecord> Unapplied { get; init; }

    /// <summary>Last term entered.</summary>
    public long Term { get; init; }

    /// <summary>Its primary.</summary>
    public NodeId TermOf { get; init; }

    /// <summary>Number of the log's incarnation, <see cref="LogEpoch"/>.</summary>
    public required UInt128 Epoch { get; init; }

    /// <summary>Records that were durable are missing or damaged.</summary>
    public bool MayHaveLost { get; init; }

    /// <summary>Why the partition cannot be brought back at all, or null.</summary>
    public string? Refusal { get; init; }
}
