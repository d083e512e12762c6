using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;

namespace Replication.Tests.PartitionLog;

/// <summary>
/// How version 0.2.0 reads a log: it knows no notes, and takes each for a record. What it would refuse, an operator could not go back to.
/// </summary>
internal static class EarlierVersion
{
    private const byte LastKind = 65;

    /// <summary>Why it would not open the partition, or null.</summary>
    public static string? Refusal(IDisk disk, Journal journal, PartitionId partition)
    {
        long checkpoint, end, term;
        using (var reader = CheckpointReader.Open(disk, $"/data/partitions/{partition}/checkpoint"))
        {
            checkpoint = reader?.Header.Seq ?? 0;
            (end, term) = (checkpoint, reader?.Header.Term ?? 0);
        }

        var (missingTo, lastSeq, lastTerm) = (0L, long.MinValue, 0L);
        using var records = journal.OpenReader();
        while (records.Read())
        {
            if (records.Partition != partition)
            {
                continue;
            }

            // Opening the journal.
            lastSeq = lastSeq == long.MinValue ? records.Seq - 1 : lastSeq;
            missingTo = records.Seq > lastSeq + 1 ? Math.Max(missingTo, records.Seq - 1) : records.Seq <= lastSeq && records.Term <= lastTerm ? Math.Max(missingTo, records.Seq) : missingTo;
            (lastSeq, lastTerm) = (records.Seq, records.Term);

            // Recovery of the partition.
            if (records.Seq <= checkpoint)
            {
                continue;
            }

            if (records.Seq != end + 1 || records.Term < term || (byte)records.Kind > LastKind)
            {
                return $"record ({records.Term}, {records.Seq}) of kind {records.Kind} follows ({term}, {end})";
            }

            (end, term) = (records.Seq, records.Term);
        }

        return missingTo > checkpoint ? $"records up to {missingTo} are missing" : null;
    }
}
