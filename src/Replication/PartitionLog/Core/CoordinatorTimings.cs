namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Times of a coordinator in milliseconds.</summary>
internal sealed record CoordinatorTimings
{
    /// <summary>How long a report counts.</summary>
    public long ReportsLast { get; init; } = 5000;

    /// <summary>Between two elections of one partition: the first one elected needs time to open.</summary>
    public long ElectionPatience { get; init; } = 10000;

    /// <summary>A dead node keeps its place for so long (<c>placement.replace_after</c>).</summary>
    public long ReplaceAfter { get; init; } = 120000;

    /// <summary>Between two proposals to one primary.</summary>
    public long Propose { get; init; } = 5000;
}
