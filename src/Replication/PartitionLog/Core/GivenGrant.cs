namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// The promise of a member to enter no other term for a while, so that its primary may answer reads alone. Lives in memory: after a restart the
/// longest one that may have been given is assumed.
/// </summary>
internal sealed class GivenGrant
{
    private readonly ReplicaState _state;
    private NodeId _to;
    private long _term;
    private long _until = long.MinValue;
    private long _released;

    public GivenGrant(ReplicaState state, long now)
    {
        _state = state;
        if (state.Term > 0 && state.Rules.AssumesGrantAfterRestart)
        {
            Give(state.TermOf, state.Term, now);
        }
    }

    public void Give(NodeId to, long term, long now)
    {
        _to = to;
        _term = term;
        _until = now + _state.Timings.Grant;
    }

    /// <summary>A primary that lets its grants go is closed for good: a heartbeat of it that comes later was sent before.</summary>
    public bool IsReleased(long term) => term <= _released;

    public void Release(NodeId from, long term)
    {
        _released = _state.Rules.ReleasesOnlyWhenClosed ? Math.Max(_released, term) : 0;
        if (from == _to && term == _term)
        {
            _until = long.MinValue;
        }
    }

    /// <summary>Whether a term of that primary may be entered. Whoever holds the grant itself has given up reading under it when it asks for a new term.</summary>
    public bool Allows(NodeId primary, long now) => !_state.Rules.WaitsForGrant || now >= _until || primary == _to;
}
