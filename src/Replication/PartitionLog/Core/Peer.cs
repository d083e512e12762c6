namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>How a peer is being fed.</summary>
internal enum PeerFeed
{
    /// <summary>It has not promised the term, or its log is not understood yet.</summary>
    None,

    /// <summary>Records follow what it holds.</summary>
    Records,

    /// <summary>It needs a checkpoint first.</summary>
    Checkpoint,
}

/// <summary>Another replica as its primary sees it.</summary>
internal sealed class Peer(NodeId node, long now)
{
    public NodeId Node => node;

    /// <summary>Incarnation that the table lists as in sync, or that a learner told.</summary>
    public UInt128 Incarnation { get; set; }

    /// <summary>Listed as in sync by the last confirmed entry.</summary>
    public bool InSync { get; set; }

    /// <summary>Counts for the commit index and for reads: in sync, or about to be.</summary>
    public bool Required { get; set; }

    /// <summary>The log that was in sync is no more; this other incarnation answers in its place, and is fed like a learner.</summary>
    public UInt128 LostTo { get; set; }

    /// <summary>Whose answers are about the log that is being fed.</summary>
    public UInt128 Fed => LostTo != 0 ? LostTo : Incarnation;

    public PeerFeed Feed { get; set; }

    /// <summary>Highest seq sent.</summary>
    public long Sent { get; set; }

    /// <summary>Highest seq that it holds durably, equal to ours.</summary>
    public long Durable { get; set; }

    /// <summary>
    /// Where what it needs begins, from when a checkpoint is sent to it or its log is understood until it holds something of what follows; 0: nothing is
    /// kept for it.
    /// </summary>
    public long PinnedAt { get; set; }

    /// <summary>No request of its outstanding answer is repeated before.</summary>
    public long AskedAt { get; set; } = long.MinValue / 2;

    public long HeardAt { get; set; } = now;

    public long ProgressAt { get; set; } = now;

    /// <summary>End of the log when it last was complete: what it has to reach to be in time.</summary>
    public long Target { get; set; }

    /// <summary>Reads may be answered until then, on our clock.</summary>
    public long GrantUntil { get; set; } = long.MinValue;

    /// <summary>Whether it promised the term and its log is being continued.</summary>
    public bool IsFed => Feed == PeerFeed.Records;

    /// <summary>What counts of it for the commit index.</summary>
    public long Counted => IsFed && LostTo == 0 ? Durable : 0;

    /// <summary>It said that it stops: until then it is not counted on.</summary>
    public long AsideUntil { get; set; } = long.MinValue;

    /// <summary>How far it is behind the end of the primary's log.</summary>
    public PeerLag LagBehind(long end, long now)
    {
        long? records = IsFed ? Math.Max(0, end - Durable) : null;
        return new PeerLag(node, records, records == 0 ? 0 : Math.Max(0, now - ProgressAt));
    }

    /// <summary>It was heard, and may have come further.</summary>
    public void Heard(long end, long now)
    {
        HeardAt = now;
        if (IsFed && Durable >= Target)
        {
            ProgressAt = now;
            Target = end;
        }
    }

    /// <summary>
    /// It had not been heard for a while before it became a peer, as when it led before: that counts as silence, but it gets the time to answer once.
    /// </summary>
    public void SilentSince(long time, ProtocolTimings timings, long now) =>
        HeardAt = Math.Min(HeardAt, Math.Max(time, now - timings.ReplicationTimeout + (2 * timings.Resend)));

    /// <summary>Whether it is not to be counted on, by its own word.</summary>
    public bool IsAside(long now) => now < AsideUntil;

    /// <summary>Behind or silent for longer than a backup may be.</summary>
    public bool Lags(ProtocolTimings timings, long now) =>
        LostTo != 0 || now - HeardAt > timings.ReplicationTimeout || now - ProgressAt > timings.ReplicationTimeout;

    /// <summary>Our own process stood still: that was not its silence.</summary>
    public void Excuse(long gap)
    {
        HeardAt += gap;
        ProgressAt += gap;
    }

    /// <summary>Forgets how it was fed: it has to be asked again, and nothing is kept for it.</summary>
    public void Restart()
    {
        AskAgain();
        PinnedAt = 0;
    }

    /// <summary>It has to be asked again, but it may have the same log still, and a checkpoint be on its way to it: what follows that one is kept.</summary>
    public void AskAgain()
    {
        Feed = PeerFeed.None;
        Sent = 0;
        Durable = 0;
    }
}
