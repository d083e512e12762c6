namespace Deucalion.Storage.Head;

/// <summary>Samples of one window that become one block. The writer changes it; a sealed window's reader looks at <see cref="Truncated"/>.</summary>
internal sealed class HeadGeneration(long id, long windowStart, int index)
{
    private volatile bool _truncated;

    /// <summary>Number, unique in the head's history.</summary>
    public long Id { get; } = id;

    /// <summary>First millisecond of the window.</summary>
    public long WindowStart { get; } = windowStart;

    /// <summary>First millisecond behind the window.</summary>
    public long WindowEnd { get; } = windowStart + TenantHead.WindowLength;

    /// <summary>Place in the head's list, reused after truncation.</summary>
    public int Index { get; } = index;

    /// <summary>Whether it takes no more samples.</summary>
    public bool Sealed { get; set; }

    /// <summary>Whether its window had been passed when its first sample came.</summary>
    public bool OpenedLate { get; init; }

    /// <summary>Clock when the question whether it is due first met it.</summary>
    public long? SeenAt { get; set; }

    /// <summary>Whether its chunks have been dropped.</summary>
    public bool Truncated
    {
        get => _truncated;
        set => _truncated = value;
    }

    /// <summary>Number of samples.</summary>
    public long Samples { get; set; }

    /// <summary>Oldest sample.</summary>
    public long MinTime { get; set; } = long.MaxValue;

    /// <summary>Newest sample.</summary>
    public long MaxTime { get; set; } = long.MinValue;
}
