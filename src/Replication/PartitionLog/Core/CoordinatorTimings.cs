namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Times of a coordinator in milliseconds.</summary>
internal sealed record CoordinatorTimings
{
    /// <summary>How long a report counts.</summary>
    public long ReportsLast { get; init; } = 5000;

    /// <summary>Between two elections of one partition: the first one elected needs time to open.</summary>
    public long ElectionPatience { get; init; } = 10000;

    /// <summary>
    /// Between an election that the store failed and the next attempt; doubles with every further failure, up to <see cref="ElectionPatience"/>.
    /// </summary>
    public long ElectionRetry { get; init; } = 1000;

    /// <summary>Between two times that a primary is told of the same plan.</summary>
    public long Propose { get; init; } = 5000;
}
