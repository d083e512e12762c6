using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Membership;

/// <summary>
/// Entries that this node learnt and the coordinator may not know: told until it has them, and those of late once more to the next one. Not thread-safe.
/// </summary>
internal sealed class EntryNews(TimeProvider time)
{
    // Longer than a coordinator takes from its reading of the table to its first word.
    private static readonly TimeSpan ToldInVain = TimeSpan.FromSeconds(60);

    private readonly Dictionary<PartitionId, PartitionEntry> _untold = [];
    private readonly Dictionary<PartitionId, (PartitionEntry Entry, long At)> _learnt = [];
    private readonly Dictionary<PartitionId, long> _known = [];
    private long _token;

    /// <summary>What is to be told.</summary>
    public IReadOnlyList<EntrySight> Untold => [.. _untold.Select(static pair => new EntrySight(pair.Key.Value, pair.Value))];

    /// <summary>An entry was learnt. False: the coordinator knows it, or is about to be told.</summary>
    public bool Add(PartitionId partition, PartitionEntry entry)
    {
        if (_known.GetValueOrDefault(partition) >= entry.Version || (_untold.TryGetValue(partition, out var untold) && untold.Version >= entry.Version))
        {
            return false;
        }

        _untold[partition] = entry;
        _learnt[partition] = (entry, time.GetTimestamp());
        return true;
    }

    /// <summary>The coordinator of that token has an entry.</summary>
    public void Knows(EntrySight sight, long token)
    {
        var partition = new PartitionId(sight.Partition);
        if (_untold.TryGetValue(partition, out var untold) && untold.Version <= sight.Entry.Version)
        {
            _untold.Remove(partition);
        }

        if (token == _token)
        {
            _known[partition] = Math.Max(_known.GetValueOrDefault(partition), sight.Entry.Version);
        }
    }

    /// <summary>Another coordinator: what was told to the one before of late it may have missed.</summary>
    public void Begin(long token)
    {
        _token = token;
        _known.Clear();
        foreach (var (partition, (entry, at)) in _learnt)
        {
            if (time.GetElapsedTime(at) < ToldInVain)
            {
                _untold.TryAdd(partition, entry);
            }
        }
    }
}
