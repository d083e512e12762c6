using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Brings one partition back from its checkpoint and the journal.</summary>
internal sealed class PartitionRecovery(PartitionId partition, IPartitionLogOwner owner)
{
    public PartitionId Partition => partition;

    public IPartitionLogOwner Owner => owner;

    /// <summary>Last record fed.</summary>
    public LogPoint End { get; private set; }

    public long CheckpointSeq { get; private set; }

    public string? Refusal { get; private set; }

    public static string LostMessage(PartitionId partition) =>
        $"partition {partition}: records that were durable are missing or damaged in the log of this node; --wal.salvage opens it without them";

    public void LoadCheckpoint(IDisk disk, string path, JournalRecovery journal)
    {
        disk.Delete(path + AtomicFile.TemporarySuffix);
        try
        {
            using var reader = CheckpointReader.Open(disk, path);
            if (journal.MayHaveLost(partition, reader?.Header.Seq ?? 0))
            {
                Refusal = LostMessage(partition);
                return;
            }

            if (reader is null)
            {
                return;
            }

            // It may have been written by a process that was killed before it synced the directory: nothing may be released on its account before.
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            if (reader.Header.Partition != partition)
            {
                throw new LogCorruptException($"checkpoint {path} is one of partition {reader.Header.Partition}");
            }

            owner.Load(reader);
            End = new LogPoint(reader.Header.Term, reader.Header.Seq, reader.Header.Crc);
            CheckpointSeq = End.Seq;
            while (reader.NextSection())
            {
                // The owner need not read every section, but all of it must be whole.
            }
        }
        catch (LogCorruptException exception)
        {
            Refusal = $"partition {partition}: {exception.Message}";
        }
    }

    public void Replay(JournalReader record)
    {
        if (Refusal is not null || record.Seq <= CheckpointSeq)
        {
            return;
        }

        if (record.Seq != End.Seq + 1 || record.Term < End.Term)
        {
            Refusal = $"partition {partition}: record ({record.Term}, {record.Seq}) follows ({End.Term}, {End.Seq}) in the journal";
            return;
        }

        if ((byte)record.Kind < 64)
        {
            owner.Apply(record.Seq, record.Kind, record.Payload);
        }

        End = new LogPoint(record.Term, record.Seq, record.Crc);
    }
}
