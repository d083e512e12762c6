namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Feeds the other replicas of a term: asks for their promise, finds where their log leaves ours, sends records or a checkpoint, and repeats.</summary>
internal sealed class PeerFeeder(ReplicaState state)
{
    /// <summary>A peer told what its log is.</summary>
    public void Understand(Peer peer, UInt128 incarnation, LogSummary log, long now)
    {
        if (peer.Fed != incarnation)
        {
            // Of two incarnations in one place the one that is heard last is there; should it have been old news, the other one is heard again.
            // A checkpoint that is on its way to the place reaches whichever is there then.
            peer.AskAgain();
            if (!peer.Required || !state.Rules.CountsOnlyListedIncarnation)
            {
                peer.Incarnation = incarnation;
            }
            else
            {
                peer.LostTo = incarnation == peer.Incarnation ? 0 : incarnation;
            }
        }

        var isListed = peer.Required && peer.LostTo == 0;
        var shared = state.Log.LastShared(log);
        if (!peer.IsFed || shared is null || shared.Value.Seq < peer.Durable)
        {
            peer.AskAgain();
        }

        if (shared is { } point)
        {
            peer.Feed = PeerFeed.Records;
            peer.Sent = point.Seq;
            peer.PinnedAt = point.Seq > peer.Durable ? point.Seq : 0;
            // An empty append tells it what is shared, even if there is nothing to send.
            Transmit(peer, now);
        }
        else if (!isListed && log.Base.Seq > state.Log.Base.Seq)
        {
            peer.Restart();
            peer.AskedAt = now;
            state.Send(peer.Node, new ForeignLog(state.Term, log.Base));
        }
        else if (!isListed)
        {
            peer.Feed = PeerFeed.Checkpoint;
            if (peer.PinnedAt == 0)
            {
                Pin(peer);
            }

            SendCheckpoint(peer, now);
        }

        // An in-sync member shares everything that is committed: this is old news of it, and a checkpoint would make it give up its log.

        peer.Heard(state.Log.End.Seq, now);
    }

    /// <summary>Sends what is new, as far as the window allows.</summary>
    public void Pump(Peer peer, long now)
    {
        while (peer.IsFed && peer.Sent < state.Log.End.Seq && peer.Sent - peer.Durable < state.Timings.Window)
        {
            Transmit(peer, now);
        }
    }

    public void Tick(Peer peer, long now)
    {
        switch (peer.Feed)
        {
            case PeerFeed.None when now - peer.AskedAt >= state.Timings.Resend:
                peer.AskedAt = now;
                state.Send(peer.Node, new PromiseRequest(state.Term));
                break;

            case PeerFeed.Checkpoint when now - peer.AskedAt >= state.Timings.Transfer:
                SendCheckpoint(peer, now);
                break;

            case PeerFeed.Records when peer.Durable < state.Log.End.Seq && now - peer.AskedAt >= state.Timings.Resend:
                // What was sent and not answered may be lost: go back to what is known to be there.
                // Never further back than what is kept for it.
                var known = Math.Max(peer.Durable, peer.PinnedAt);
                peer.Sent = Math.Max(known, state.Log.Base.Seq);
                if (known < peer.Sent)
                {
                    peer.AskAgain();
                    break;
                }

                Transmit(peer, now);
                break;
        }
    }

    /// <summary>
    /// Up to where records may be released: a learner pins what it still needs, but only so much of it; beyond, it starts again from a newer checkpoint.
    /// One that is asked again keeps its pin: it may just be busy with the checkpoint.
    /// </summary>
    public long ReleaseLimit(IReadOnlyList<Peer> peers, long checkpoint)
    {
        var limit = checkpoint;
        foreach (var peer in peers)
        {
            var needs = peer.Feed switch
            {
                PeerFeed.Records => Math.Max(peer.Durable, peer.PinnedAt),
                PeerFeed.None when peer.PinnedAt == 0 => long.MaxValue,
                _ => peer.PinnedAt,
            };
            if (needs >= limit)
            {
                continue;
            }

            if (state.Log.End.Seq - needs <= state.Timings.PinnedRecords)
            {
                limit = needs;
            }
            else
            {
                peer.Restart();
            }
        }

        return limit;
    }

    /// <summary>
    /// What follows the newest checkpoint is kept for the peer. Where something is pinned already, only once that checkpoint is really being sent: an older
    /// one may be on its way for long.
    /// </summary>
    public void Pin(Peer peer) => peer.PinnedAt = state.Checkpoint.Seq;

    private void Transmit(Peer peer, long now)
    {
        var previous = state.Log.At(peer.Sent) ?? throw new InvalidOperationException($"record {peer.Sent} for {peer.Node} is not in the log from {state.Log.Base} to {state.Log.End}");
        var last = Math.Min(state.Log.End.Seq, peer.Sent + state.Timings.MaxBatch);
        state.Emit(new SendRecords(peer.Node, state.Term, previous, peer.Sent + 1, last, state.CommitIndex));
        peer.Sent = last;
        peer.AskedAt = now;
    }

    private void SendCheckpoint(Peer peer, long now)
    {
        peer.AskedAt = now;
        state.Emit(new SendCheckpoint(peer.Node, state.Term));
    }
}
