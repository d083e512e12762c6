namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// Judges from successive reads whether the owner of a session is dead. It is, when several reads that lie close together have shown the same revision for
/// the whole time to live. A gap between reads (the observer slept, or the store could not be reached, in which case the owner may not have been able to
/// renew either) starts the time anew. Pure: time comes with the reads. One thread at a time.
/// </summary>
internal sealed class SessionWatch(TimeSpan longestGap, int fewestReads)
{
    private TimeSpan _seenAt;
    private TimeSpan _lastStart;
    private int _reads;

    /// <summary>The revision that the last read showed.</summary>
    public string? Tag { get; private set; }

    /// <summary>For how long reads have shown nothing else.</summary>
    public TimeSpan Unchanged => _reads == 0 ? TimeSpan.Zero : _lastStart - _seenAt;

    /// <summary>Whether nobody renews the session any more.</summary>
    public bool IsDead(TimeSpan timeToLive) => _reads >= fewestReads && Unchanged >= timeToLive;

    /// <summary>When a read would have to begin to show that the session is dead.</summary>
    public TimeSpan DeadAt(TimeSpan timeToLive) => _seenAt + timeToLive;

    /// <summary>A read that began and ended at these times has shown a revision.</summary>
    public void Seen(string tag, TimeSpan start, TimeSpan end)
    {
        if (tag != Tag || start - _lastStart > longestGap)
        {
            // What was written may have been written at any time up to the end of this read.
            (Tag, _seenAt, _reads) = (tag, end, 0);
        }

        _lastStart = start;
        _reads++;
    }
}
