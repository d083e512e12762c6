using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>What opening a journal found.</summary>
public sealed class JournalRecovery
{
    private readonly Dictionary<int, JournalChain> _chains;
    private readonly IReadOnlyDictionary<int, long> _released;
    private readonly bool _releasedLost;

    internal JournalRecovery(Dictionary<int, JournalChain> chains, IReadOnlyDictionary<int, long> released, bool releasedLost)
    {
        _chains = chains;
        _released = released;
        _releasedLost = releasedLost;
    }

    /// <summary>There was no journal.</summary>
    public required bool Created { get; init; }

    /// <summary>The last one to use the journal closed it.</summary>
    public required bool CleanStop { get; init; }

    /// <summary>What "durable" meant to the last one to use the journal.</summary>
    public required JournalSync PreviousSync { get; init; }

    /// <summary>Bytes above the synced mark that were not whole and have been cut.</summary>
    public required long TornBytes { get; init; }

    /// <summary>Damage at or below the synced mark: what had been durable and is not readable.</summary>
    public required IReadOnlyList<JournalDamage> Damage { get; init; }

    /// <summary>Partitions that have records in the journal.</summary>
    public IEnumerable<PartitionId> Partitions => _chains.Keys.Select(static id => new PartitionId(id));

    /// <summary>
    /// Whether records of the partition above the checkpoint at <paramref name="checkpointSeq"/> (0: none) may be missing. A partition is whole
    /// only if its records follow each other without a gap from the checkpoint on and, where there is damage, go on behind it.
    /// </summary>
    public bool MayHaveLost(PartitionId partition, long checkpointSeq)
    {
        var released = _released.GetValueOrDefault(partition.Value);
        if (released > checkpointSeq)
        {
            return true;
        }

        if (!_chains.TryGetValue(partition.Value, out var chain))
        {
            return Damage.Count > 0 || (_releasedLost && checkpointSeq == 0);
        }

        return chain.First > checkpointSeq + 1
            || chain.MissingTo > checkpointSeq
            || Damage.Any(damage => damage.End > chain.Last);
    }

    /// <summary>
    /// A kind of record that this program does not know, or null: a later version wrote one of the partition above the checkpoint at
    /// <paramref name="checkpointSeq"/>, so that what is there cannot be told, not even whether it is whole.
    /// </summary>
    public RecordKind? UnknownKind(PartitionId partition, long checkpointSeq) =>
        _chains.GetValueOrDefault(partition.Value)?.Unknown is { } unknown && unknown.Seq > checkpointSeq ? unknown.Kind : null;

    /// <summary>Highest seq of the partition in the journal, 0 where there is none.</summary>
    public long LastSeq(PartitionId partition) => _chains.GetValueOrDefault(partition.Value)?.LastSeq ?? 0;

    /// <summary>How often the partition's log was cut back in this journal, since it was begun anew: what stands before the last of these notes may not count.</summary>
    public int Cuts(PartitionId partition) => _chains.GetValueOrDefault(partition.Value)?.Cuts ?? 0;

    /// <summary>How often the partition's log was begun anew in this journal: only what stands behind the last of these notes counts.</summary>
    public int Restarts(PartitionId partition) => _chains.GetValueOrDefault(partition.Value)?.Restarts ?? 0;
}

/// <summary>A range of the journal that cannot be read although it had been synced.</summary>
public readonly record struct JournalDamage(JournalPosition Start, JournalPosition End);
