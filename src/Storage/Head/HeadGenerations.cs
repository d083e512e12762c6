using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head;

/// <summary>The windows of a head and their generations. Changed by the writer; <see cref="Truncated"/> is read by readers.</summary>
internal sealed class HeadGenerations(int partition)
{
    // Longer than any manifest a reader may still hold.
    private const long KeepTruncated = 60 * 60 * 1000;

    private readonly List<HeadGeneration?> _byIndex = [];
    private readonly Dictionary<long, HeadGeneration> _open = [];
    private readonly List<(TruncatedGeneration Entry, long At)> _recent = [];
    private volatile TruncatedGeneration[] _truncated = [];
    private HeadGeneration? _current;

    /// <summary>Number of the generation that is opened next.</summary>
    public long NextId { get; set; } = 1;

    /// <summary>Generations truncated within the last hour, as the log counts time.</summary>
    public IReadOnlyList<TruncatedGeneration> Truncated => _truncated;

    /// <summary>The same with their times.</summary>
    public IReadOnlyList<(TruncatedGeneration Entry, long At)> Recent => _recent;

    /// <summary>Generations that take samples.</summary>
    public IReadOnlyCollection<HeadGeneration> Open => _open.Values;

    /// <summary>All generations, open and sealed, by number.</summary>
    public IEnumerable<HeadGeneration> All => _byIndex.Where(g => g is not null).Select(g => g!).OrderBy(g => g.Id);

    /// <summary>Oldest sample of all generations, or long.MaxValue.</summary>
    public long MinTime
    {
        get
        {
            var oldest = long.MaxValue;
            foreach (var generation in _byIndex)
            {
                oldest = Math.Min(oldest, generation?.MinTime ?? long.MaxValue);
            }

            return oldest;
        }
    }

    /// <summary>First millisecond of the window of a time.</summary>
    public static long WindowOf(long time)
    {
        var rest = time % TenantHead.WindowLength;
        return time - (rest < 0 ? rest + TenantHead.WindowLength : rest);
    }

    /// <summary>The generation that takes samples of a time, opened where there is none; <paramref name="newest"/> is the head's newest sample.</summary>
    public HeadGeneration ForTime(long time, long newest)
    {
        var current = _current;
        if (current is not null && time >= current.WindowStart && time < current.WindowEnd)
        {
            return current;
        }

        return _current = Find(WindowOf(time), newest);
    }

    /// <summary>The open generation of a window, or null.</summary>
    public HeadGeneration? OpenOf(long windowStart) => _open.GetValueOrDefault(windowStart);

    /// <summary>The generation of a number, or null.</summary>
    public HeadGeneration? ById(long id) => _byIndex.Find(g => g?.Id == id);

    /// <summary>Ends the open generation of a window.</summary>
    public HeadGeneration Seal(long windowStart, long id)
    {
        if (!_open.TryGetValue(windowStart, out var generation) || generation.Id != id)
        {
            throw new HeadFormatException($"cut of generation {id} of window {windowStart}, which is not open");
        }

        _open.Remove(windowStart);
        _current = null;
        generation.Sealed = true;
        return generation;
    }

    /// <summary>Announces that a generation has become a block: from now on readers are told. Its chunks may go afterwards.</summary>
    public HeadGeneration Announce(long id, string ulid, long at)
    {
        var generation = ById(id);
        if (generation is not { Sealed: true })
        {
            throw new HeadFormatException($"truncation of generation {id}, which is not sealed");
        }

        Name(id, ulid, at);
        generation.Truncated = true;
        return generation;
    }

    /// <summary>Readers are told, for an hour, what manifests have to show.</summary>
    public void Name(long id, string ulid, long at)
    {
        _recent.RemoveAll(r => r.At < at - KeepTruncated);
        AddRecent(new TruncatedGeneration(partition, id, ulid), at);
    }

    /// <summary>All generations are gone: who is about to make a block of one gives up.</summary>
    public void Discard()
    {
        foreach (var generation in _byIndex)
        {
            generation?.Truncated = true;
        }
    }

    /// <summary>Adds to the recent truncations.</summary>
    public void AddRecent(TruncatedGeneration entry, long at)
    {
        _recent.Add((entry, at));
        _truncated = [.. _recent.Select(r => r.Entry)];
    }

    /// <summary>Forgets a truncated generation; its index is used again.</summary>
    public void Remove(HeadGeneration generation) => _byIndex[generation.Index] = null;

    /// <summary>Adds a generation of a checkpoint.</summary>
    public HeadGeneration Restore(long id, long windowStart, bool isSealed)
    {
        var generation = Add(id, windowStart, late: false);
        generation.Sealed = isSealed;
        if (isSealed)
        {
            _open.Remove(windowStart);
        }

        return generation;
    }

    private HeadGeneration Find(long windowStart, long newest) => _open.TryGetValue(windowStart, out var generation)
        ? generation
        : Add(NextId++, windowStart, newest >= windowStart + (TenantHead.WindowLength * 3 / 2));

    private HeadGeneration Add(long id, long windowStart, bool late)
    {
        var index = _byIndex.IndexOf(null);
        if (index < 0)
        {
            index = _byIndex.Count;
            _byIndex.Add(null);
        }

        var generation = new HeadGeneration(id, windowStart, index) { OpenedLate = late };
        _byIndex[index] = generation;
        _open[windowStart] = generation;
        return generation;
    }
}
