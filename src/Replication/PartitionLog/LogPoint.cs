namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// A record of a partition's log by name: (term, seq) is written once, ever, and the checksum tells whether two logs mean the same record.
/// Every record follows the one that its writer names as its predecessor.
/// </summary>
/// <param name="Term">Term in which it was written.</param>
/// <param name="Seq">Place in the log, from 1; 0: before the first record.</param>
/// <param name="Crc">Checksum over header and payload.</param>
public readonly record struct LogPoint(long Term, long Seq, uint Crc)
{
    /// <summary>Before the first record.</summary>
    public static readonly LogPoint Start;
}
