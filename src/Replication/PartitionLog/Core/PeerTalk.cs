namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>A primary's exchange with the other replicas: heartbeats out, and what their answers say about them.</summary>
internal sealed class PeerTalk(ReplicaState state, PeerFeeder feeder)
{
    private long _heartbeatAt;

    /// <summary>A term begins; the first heartbeats come after the promises.</summary>
    public void Begin(long now) => _heartbeatAt = now;

    public void OnMessage(Peer peer, ReplicaMessage message, long now)
    {
        switch (message)
        {
            case StandAside:
                // Long enough for its silence to be noticed instead.
                peer.AsideUntil = now + (2 * state.Timings.ReplicationTimeout);
                break;
            case Promise promise when !peer.IsFed || promise.Incarnation != peer.Fed:
                feeder.Understand(peer, promise.Incarnation, promise.Log, now);
                break;
            case AppendMismatch mismatch:
                feeder.Understand(peer, mismatch.Incarnation, mismatch.Log, now);
                break;
            case Appended appended when IsFed(peer, appended.Incarnation):
                OnDurable(peer, appended.Durable, now);
                break;
            case HeartbeatReply reply when IsFed(peer, reply.Incarnation):
                OnDurable(peer, reply.Durable, now);
                if (reply.Granted && peer.LostTo == 0)
                {
                    var since = state.Rules.CountsGrantFromSend ? reply.SentAt : now;
                    peer.GrantUntil = Math.Max(peer.GrantUntil, since + state.Timings.Grant - state.Timings.GrantMargin);
                }

                break;
        }
    }

    /// <param name="peers">All of them.</param>
    /// <param name="term">The primary's.</param>
    /// <param name="gap">Since the last tick.</param>
    /// <param name="now">Time.</param>
    public void Tick(IReadOnlyList<Peer> peers, long term, long gap, long now)
    {
        var isDue = now - _heartbeatAt >= state.Timings.Heartbeat;
        _heartbeatAt = isDue ? now : _heartbeatAt;
        var patience = Math.Max(state.Timings.ReplicationTimeout / 2, 2 * state.Timings.Heartbeat);
        foreach (var peer in peers)
        {
            if (gap > state.Timings.ReplicationTimeout / 2)
            {
                peer.Excuse(gap);
            }

            var silence = now - peer.HeardAt;
            if (silence > state.Timings.Transfer)
            {
                // Whoever is gone for good keeps nothing.
                peer.Restart();
            }
            else if (peer.Feed != PeerFeed.None && silence > patience)
            {
                // It may have come back as another incarnation, which knows nothing of this term.
                peer.AskAgain();
            }

            feeder.Tick(peer, now);
            if (isDue && peer.Feed != PeerFeed.None)
            {
                state.Send(peer.Node, new Heartbeat(term, now, state.CommitIndex));
            }
        }
    }

    private bool IsFed(Peer peer, UInt128 incarnation) => incarnation == peer.Fed || !state.Rules.HearsOnlyFedIncarnation;

    private void OnDurable(Peer peer, long durable, long now)
    {
        if (peer.IsFed)
        {
            peer.Durable = Math.Max(peer.Durable, Math.Min(durable, state.Log.End.Seq));
            peer.Sent = Math.Max(peer.Sent, peer.Durable);
            peer.PinnedAt = peer.Durable < peer.PinnedAt ? peer.PinnedAt : 0;
        }

        peer.Heard(state.Log.End.Seq, now);
        feeder.Pump(peer, now);
    }
}
