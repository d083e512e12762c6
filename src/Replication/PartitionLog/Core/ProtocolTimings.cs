namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Times of the protocol in milliseconds, and its limits.</summary>
internal sealed record ProtocolTimings
{
    /// <summary>Between two heartbeats.</summary>
    public long Heartbeat { get; init; } = 500;

    /// <summary>How long a grant lasts, on the member's clock from receipt.</summary>
    public long Grant { get; init; } = 3000;

    /// <summary>What the primary takes off for clocks that run at different speeds.</summary>
    public long GrantMargin { get; init; } = 300;

    /// <summary>Silence after which a backup says that its primary is missing.</summary>
    public long HeartbeatTimeout { get; init; } = 3000;

    /// <summary>After this long without an answer something is sent again.</summary>
    public long Resend { get; init; } = 1000;

    /// <summary>An in-sync member that is behind or silent for so long is removed (<c>replication.timeout</c>).</summary>
    public long ReplicationTimeout { get; init; } = 5000;

    /// <summary>A primary that cannot commit for so long, and cannot change that, asks to be replaced.</summary>
    public long Stuck { get; init; } = 10000;

    /// <summary>A hand-off that has not drained by then is given up.</summary>
    public long HandOff { get; init; } = 5000;

    /// <summary>A checkpoint that has not arrived by then is sent again. What follows it is kept for so long for a replica that is silent.</summary>
    public long Transfer { get; init; } = 60000;

    /// <summary>Records in flight to one replica.</summary>
    public int Window { get; init; } = 4096;

    /// <summary>Records in one message.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>Records that may be kept for learners beyond the newest checkpoint.</summary>
    public long PinnedRecords { get; init; } = 1 << 20;
}
