using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// Puts together what is left of a damaged journal, on an operator's word: of each partition the records that follow its checkpoint without a gap go into a
/// new journal, which takes the place of the old one; the old files are kept aside. Crash-safe: until <see cref="Finish"/> the old journal stands.
/// </summary>
public static class JournalSalvage
{
    private const string WorkSuffix = ".salvage";
    private const string ReadySuffix = ".salvaged";
    private const string DamagedSuffix = ".damaged-";

    /// <summary>
    /// Writes the new journal. <paramref name="checkpointSeq"/>: what each partition's checkpoint holds (0: none); <paramref name="complete"/> may add files
    /// to the new journal's directory before it becomes valid. No journal may be open there. Call <see cref="Finish"/> afterwards.
    /// </summary>
    public static SalvageReport Run(
        IDisk disk, JournalOptions options, IReadOnlyDictionary<PartitionId, long> checkpointSeq, JournalMetrics metrics, TimeProvider time, Action<string> complete)
    {
        disk.CreateDirectory(options.Directory);
        var work = options.Directory + WorkSuffix;
        disk.DeleteDirectory(work);
        var scan = JournalScan.Run(disk, options.Directory);
        var partitions = new Dictionary<PartitionId, SalvagedPartition>();
        foreach (var id in scan.Recovery.Partitions.Concat(checkpointSeq.Keys).Distinct())
        {
            var seq = checkpointSeq.GetValueOrDefault(id);
            partitions.Add(id, new SalvagedPartition(id, seq, MayHaveLost: scan.Recovery.MayHaveLost(id, seq), Dropped: 0));
        }

        Copy(disk, options, work, scan, partitions, metrics, time);
        complete(work);
        disk.SyncDirectory(work);
        disk.Rename(work, options.Directory + ReadySuffix);
        disk.SyncDirectory(Path.GetDirectoryName(options.Directory)!);
        return new SalvageReport(scan.Recovery.Damage, [.. partitions.Values.OrderBy(static entry => entry.Partition)]);
    }

    /// <summary>Lets a salvaged journal, if one is ready, take the place of the damaged one. To be called before a journal is opened.</summary>
    public static void Finish(IDisk disk, string directory)
    {
        var ready = directory + ReadySuffix;
        if (!disk.Exists(ready))
        {
            return;
        }

        // The damaged one stays until it is certain that the other one does.
        disk.SyncDirectory(Path.GetDirectoryName(directory)!);
        if (disk.Exists(directory))
        {
            var number = 1;
            while (disk.Exists(directory + DamagedSuffix + number))
            {
                number++;
            }

            disk.Rename(directory, directory + DamagedSuffix + number);
        }

        disk.Rename(ready, directory);
        disk.SyncDirectory(Path.GetDirectoryName(directory)!);
    }

    private static void Copy(
        IDisk disk, JournalOptions options, string work, JournalScan scan, Dictionary<PartitionId, SalvagedPartition> partitions, JournalMetrics metrics, TimeProvider time)
    {
        var target = new JournalOptions
        {
            Directory = work,
            Sync = JournalSync.Batch,
            SegmentBytes = options.SegmentBytes,
            MaxRoundBytes = options.MaxRoundBytes,
            ReserveBytes = 0,
        };
        using var journal = Journal.Open(disk, target, metrics, time);
        var released = partitions.Values.ToDictionary(static entry => entry.Partition.Value, static entry => entry.LastSeq);
        ReleasedFile.Write(
            disk, Path.Combine(work, JournalFormat.ReleasedName), new ReleasedFile { JournalId = journal.Id, FirstSegment = 1, Released = released });
        var completion = new Failures();
        var restartsLeft = partitions.Keys.ToDictionary(static id => id, scan.Recovery.Restarts);
        using var reader = new JournalReader(disk, JournalSegments.PartsOf(scan.Segments));
        while (reader.Read())
        {
            var entry = partitions[reader.Partition];
            var restarts = restartsLeft.GetValueOrDefault(reader.Partition);
            if (reader.Kind == RecordKind.StartedOver)
            {
                restartsLeft[reader.Partition] = --restarts;
            }

            if (!reader.Kind.IsKnown() && !reader.Kind.IsHint())
            {
                throw new LogCorruptException(
                    $"the log of partition {reader.Partition} holds a record of kind {(byte)reader.Kind}, which this program does not know: the version that wrote it has to salvage it");
            }

            if (restarts > 0 || reader.Kind is RecordKind.StartedOver or RecordKind.Committed || reader.Kind.IsHint())
            {
                // A log that was given up, and what the new journal need not know of it.
                continue;
            }

            if (reader.Kind == RecordKind.CutBack)
            {
                if (entry.Dropped > 0 || reader.Seq >= entry.LastSeq || reader.Seq < released[reader.Partition.Value])
                {
                    continue;
                }

                partitions[reader.Partition] = entry with { LastSeq = reader.Seq };
            }
            else if (reader.Kind != RecordKind.TermEntered)
            {
                if (entry.Dropped == 0 && reader.Seq <= entry.LastSeq)
                {
                    continue;
                }

                if (entry.Dropped > 0 || reader.Seq != entry.LastSeq + 1)
                {
                    partitions[reader.Partition] = entry with { Dropped = entry.Dropped + 1 };
                    continue;
                }

                partitions[reader.Partition] = entry with { LastSeq = reader.Seq };
            }

            while (journal.PendingBytes > options.MaxRoundBytes && journal.Failure is null)
            {
                Thread.Yield();
            }

            var seq = reader.Kind == RecordKind.TermEntered ? partitions[reader.Partition].LastSeq : reader.Seq;
            journal.Append(reader.Partition, reader.Term, seq, reader.Kind, reader.Payload, completion);
        }

        journal.Dispose();
        if ((completion.Error ?? journal.Failure) is { } error)
        {
            throw new IOException($"the salvaged journal could not be written: {error.Message}", error);
        }
    }

    private sealed class Failures : IJournalCompletion
    {
        public Exception? Error { get; private set; }

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error) => Error ??= error;
    }
}

/// <summary>What salvaging kept and gave up.</summary>
public sealed record SalvageReport(IReadOnlyList<JournalDamage> Damage, IReadOnlyList<SalvagedPartition> Partitions);

/// <summary>What became of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LastSeq">Last record kept, in the checkpoint or the journal.</param>
/// <param name="MayHaveLost">Whether acknowledged records may be missing.</param>
/// <param name="Dropped">Readable records given up because what they follow is missing.</param>
public sealed record SalvagedPartition(PartitionId Partition, long LastSeq, bool MayHaveLost, long Dropped);
