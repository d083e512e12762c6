using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// A replica that the table names as primary: takes a term, enters it, opens the log, leads. Its log is authoritative, since every acknowledged
/// record is on every in-sync member. It loses its place the moment it hears of a later term.
/// </summary>
internal sealed class PrimaryRole
{
    private readonly ReplicaState _state;
    private readonly MemberRole _member;
    private readonly TableWriter _writer;
    private readonly PeerTable _peers;
    private readonly PeerFeeder _feeder;
    private readonly PeerTalk _talk;
    private readonly MembershipChanges _changes;
    private readonly HandOff _handOff;
    private readonly RequestQueue _requests;
    private TableEntry? _confirmed;
    private long _termStart;
    private long _tickAt;
    private long _askedAt;

    public PrimaryRole(ReplicaState state, MemberRole member, long now)
    {
        _tickAt = now;
        _askedAt = now - state.Timings.Resend;
        _state = state;
        _member = member;
        _writer = new TableWriter(state);
        _peers = new PeerTable(state);
        _feeder = new PeerFeeder(state);
        _talk = new PeerTalk(state, _feeder);
        _changes = new MembershipChanges(state, _peers);
        _handOff = new HandOff(state, _peers);
        _requests = new RequestQueue(state);
    }

    public PrimaryPhase Phase { get; private set; }

    /// <summary>The term that is taken, entered or led.</summary>
    public long Term { get; private set; }

    public bool CanAppend => Phase == PrimaryPhase.Open && !_handOff.IsDraining;

    /// <summary>Until when snapshots that were taken may be answered, if nothing changes; a time long past while none may.</summary>
    public long ReadableUntil => Phase == PrimaryPhase.Open ? _peers.GrantedUntil() : long.MinValue;

    /// <summary>How far other replicas are behind, as far as this primary knows; empty where it leads nothing.</summary>
    public ImmutableArray<PeerLag> Lags(long now) => Leads ? _peers.Lags(now) : [];

    private bool Leads => Phase is PrimaryPhase.Opening or PrimaryPhase.Open;

    public void Append(LogRecord record, long now)
    {
        if (!CanAppend || record.Point.Term != Term)
        {
            throw new InvalidOperationException($"record {record.Point} cannot be appended: {Phase}, term {Term}");
        }

        _state.Journal.Append(record);
        if (!_state.Rules.AppliesOnlyCommitted)
        {
            _state.Emit(new ApplyCommitted(record.Point.Seq));
        }

        PumpAll(now);
    }

    public void Wait(long request, bool appended)
    {
        _requests.Wait(request, appended);
        _requests.Answer();
    }

    /// <summary>An entry was seen.</summary>
    public void OnEntry(TableEntry entry, bool wasReadBack, long now)
    {
        _state.Saw(entry);

        // An entry of a later term may stand on top of the change that was pending here: whom that made count is not known any more, so the place
        // goes before anything is concluded.
        KeepPlace();
        if (_writer.OnEntry(entry, out var confirmed))
        {
            Settle(confirmed ?? (Leads ? entry : null), now);
        }
        else if (wasReadBack)
        {
            _writer.OnReadBack(entry, now);
        }

        if (Phase == PrimaryPhase.None)
        {
            ConsiderTaking(now);
        }
    }

    public void OnCasOutcome(long counter, CasOutcome outcome, long now)
    {
        if (_writer.OnOutcome(counter, outcome, now, out var confirmed))
        {
            if (confirmed is not null)
            {
                _state.Saw(confirmed);
                KeepPlace();
            }

            Settle(confirmed, now);
        }
    }

    /// <summary>Gives the place up if a later term is known.</summary>
    public void KeepPlace()
    {
        if (Phase is PrimaryPhase.None or PrimaryPhase.Taking || _state.SeenTerm <= Term || !_state.Rules.GivesUpPlace)
        {
            return;
        }

        if (Phase == PrimaryPhase.Open)
        {
            _state.Emit(new CloseForWrites(Term));
        }

        Phase = PrimaryPhase.None;
        _requests.Lose();
        foreach (var peer in _peers.All)
        {
            _state.Send(peer.Node, new GrantReleased(Term));
        }

        _peers.Clear();
        _changes.Clear();
        _handOff.Stop();
        _writer.Forget();
    }

    public void OnMessage(NodeId from, ReplicaMessage message, long now)
    {
        if (message is TermRefused refused)
        {
            _state.Saw(refused.Newer);
            KeepPlace();
            return;
        }

        if (!Leads || message.Term != Term)
        {
            return;
        }

        switch (message)
        {
            case PlaceReplica wish:
                _changes.Propose(wish);
                break;
            case SetNumbers numbers:
                _changes.Propose(numbers);
                break;
            // Not while anything is pending: nothing could come of it before that is settled, and whoever wants it asks again.
            case HandOffRequest handOff when Phase == PrimaryPhase.Open && _writer.Proposed is null && _peers.Find(handOff.To)?.IsAside(now) == false:
                _handOff.Begin(_confirmed!, handOff.To, now);
                break;
            case CommitQuery query when Phase == PrimaryPhase.Open:
                Tell(from, query, now);
                break;
            default:
                if (_peers.Find(from) is { } peer)
                {
                    _talk.OnMessage(peer, message, now);
                }

                break;
        }

        Advance(now);
    }

    public void OnSynced(long now)
    {
        Enter(now);
        Advance(now);
    }

    public void Tick(long now)
    {
        var gap = now - _tickAt;
        _tickAt = now;
        KeepPlace();
        _writer.Tick(now);
        switch (Phase)
        {
            case PrimaryPhase.None:
                ConsiderTaking(now);
                break;
            case PrimaryPhase.Entering:
                Enter(now);
                break;
            case PrimaryPhase.Opening or PrimaryPhase.Open:
                Lead(gap, now);
                break;
        }
    }

    /// <summary>Up to where a checkpoint allows records to be released.</summary>
    public long ReleaseLimit(long checkpoint) => Leads ? _feeder.ReleaseLimit(_peers.All, checkpoint) : checkpoint;

    /// <summary>The newest checkpoint is on its way to a peer.</summary>
    public void CheckpointBegun(NodeId to)
    {
        if (_peers.Find(to) is { Feed: PeerFeed.Checkpoint } peer)
        {
            _feeder.Pin(peer);
        }
    }

    private void ConsiderTaking(long now)
    {
        if (_state.Entry is not { } entry || entry.Primary != _state.Self.Node || now - _askedAt < _state.Timings.Resend / 4)
        {
            return;
        }

        _askedAt = now;
        if (entry.Term < _state.SeenTerm)
        {
            _state.Emit(new ReadEntry());
        }
        else if (!entry.IsInSync(_state.Self) && _state.Rules.OpensOnlyListedIncarnation)
        {
            // A missing log is never an empty log: only a replica that is listed with its incarnation may lead.
            _state.Emit(new AskReplacement(entry.Term));
        }
        else if (!_state.Rules.TakesNewTerm)
        {
            Phase = PrimaryPhase.Taking;
            Settle(entry, now);
        }
        else
        {
            Phase = PrimaryPhase.Taking;
            var inSync = entry.InSync.RemoveAll(replica => replica.Node == _state.Self.Node).Insert(0, _state.Self);
            _writer.Propose(entry.WithPrimary(_state.Self.Node) with { InSync = inSync }, now);
        }
    }

    private void Settle(TableEntry? confirmed, long now)
    {
        if (Phase == PrimaryPhase.Taking)
        {
            Phase = PrimaryPhase.None;
            if (confirmed is not null)
            {
                Phase = PrimaryPhase.Entering;
                Term = confirmed.Term;
                _confirmed = confirmed;
                Enter(now);
            }
        }
        else if (Leads)
        {
            _handOff.Stop();
            Confirm(confirmed ?? _confirmed!, now);
        }
    }

    private void Confirm(TableEntry entry, long now)
    {
        _confirmed = entry;
        _peers.Align(entry, _writer.Proposed, now);
        Advance(now);
    }

    private void Enter(long now)
    {
        if (Phase != PrimaryPhase.Entering || _state.SeenTerm > Term)
        {
            return;
        }

        if (_state.Term != Term && !_member.TryEnterOwn(Term, now))
        {
            return;
        }

        if (!_state.TermIsDurable && _state.Rules.PersistsTermFirst)
        {
            return;
        }

        Phase = PrimaryPhase.Opening;
        var start = _state.TermStart.Encode(Term, _state.Log.End, _state.Self);
        _termStart = start.Point.Seq;
        _state.Journal.Append(start);
        _peers.Clear();
        _peers.Align(_confirmed!, null, now);
        _peers.Find(_member.Former)?.SilentSince(_member.FormerHeardAt, _state.Timings, now);
        _talk.Begin(now);
        _askedAt = now;
        foreach (var peer in _peers.All)
        {
            _feeder.Tick(peer, now);
        }

        Advance(now);
    }

    /// <summary>Raises the commit index, opens the log, answers requests.</summary>
    private void Advance(long now)
    {
        if (!Leads)
        {
            return;
        }

        _state.Commit(_peers.LowestDurable());
        if (Phase == PrimaryPhase.Opening
            && (_state.CommitIndex >= _termStart || !_state.Rules.OpensAfterTermStart)
            && (_confirmed!.InSync.Length >= _confirmed.MinInSync || !_state.Rules.OpensOnlyWithMinInSync))
        {
            Phase = PrimaryPhase.Open;
            _state.Emit(new OpenForWrites(Term));
        }

        _requests.Answer();
        if (_handOff.IsDraining)
        {
            Change(now);
        }
    }

    private void Lead(long gap, long now)
    {
        _talk.Tick(_peers.All, Term, gap, now);
        _handOff.GiveUpLate(now);
        Advance(now);
        Change(now);
        if (!_changes.Misses(now))
        {
            _askedAt = now;
        }
        else if (now - _askedAt > _state.Timings.Stuck)
        {
            _askedAt = now - (_state.Timings.Stuck / 2);
            _state.Emit(new AskReplacement(Term));
        }
    }

    /// <summary>Writes the next change of the table, one at a time.</summary>
    private void Change(long now)
    {
        if (_writer.Proposed is not null || !Leads)
        {
            return;
        }

        var next = _handOff.Decide(_confirmed!);
        if (next is not null)
        {
            ReleaseEarly();
        }

        next ??= _handOff.IsDraining ? null : _changes.Decide(_confirmed!, Phase == PrimaryPhase.Open, now);
        if (next is not null)
        {
            _peers.Align(_confirmed!, _writer.Propose(next, now), now);
        }
    }

    /// <summary>A backup has a read: what is committed now is all that anybody can have acknowledged before, as long as the grants hold.</summary>
    private void Tell(NodeId backup, CommitQuery query, long now)
    {
        if (now < _peers.GrantedUntil() || !_state.Rules.ChecksGrantForBackup)
        {
            _state.Send(backup, new CommitReply(query.Term, query.Read, _state.CommitIndex));
        }
    }

    /// <summary>Only without its rule: grants are let go while reads are still answered.</summary>
    private void ReleaseEarly()
    {
        if (_state.Rules.ReleasesOnlyWhenClosed)
        {
            return;
        }

        foreach (var peer in _peers.All)
        {
            _state.Send(peer.Node, new GrantReleased(Term));
        }
    }

    private void PumpAll(long now)
    {
        foreach (var peer in _peers.All)
        {
            _feeder.Pump(peer, now);
        }
    }
}
