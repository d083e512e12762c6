namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// One write of the table at a time. Until its outcome is known for certain it stays pending: the entry is read back (writer and counter tell
/// whose version stands there), and while the version it was bound to still stands the very same write is sent again.
/// </summary>
internal sealed class TableWriter(ReplicaState state)
{
    private TableEntry? _proposed;
    private long _counter;
    private bool _waiting;
    private long _askedAt;

    /// <summary>What is pending, null: nothing.</summary>
    public TableEntry? Proposed => _proposed;

    /// <summary>Sends a successor of an entry.</summary>
    public TableEntry Propose(TableEntry successor, long now)
    {
        _proposed = successor with { Writer = state.Writer, Counter = ++_counter };
        Put(now);
        return _proposed;
    }

    /// <summary>What the store said about the write with that counter. True: the pending write is settled, and took effect or not.</summary>
    public bool OnOutcome(long counter, CasOutcome outcome, long now, out TableEntry? confirmed)
    {
        confirmed = null;
        if (_proposed is null || counter != _proposed.Counter)
        {
            return false;
        }

        if (outcome == CasOutcome.Done)
        {
            confirmed = Settle();
            return true;
        }

        if (!state.Rules.ReadsBackUnknownOutcome)
        {
            Settle();
            return true;
        }

        // A conflict too is read back: an earlier attempt of this write may be what it conflicts with.
        if (outcome == CasOutcome.Conflict)
        {
            Read(now);
        }
        else
        {
            _waiting = false;
        }

        return false;
    }

    /// <summary>An entry was seen, by reading back or otherwise. True: the pending write is settled by it.</summary>
    public bool OnEntry(TableEntry entry, out TableEntry? confirmed)
    {
        confirmed = null;
        if (_proposed is null || entry.Version < _proposed.Version)
        {
            return false;
        }

        var own = entry.Writer == _proposed.Writer && entry.Counter == _proposed.Counter;
        var settled = Settle();
        confirmed = own ? settled : null;
        return true;
    }

    /// <summary>The entry was read and is still the one before the pending write: send that again.</summary>
    public void OnReadBack(TableEntry entry, long now)
    {
        if (_proposed is not null && entry.Version == _proposed.Version - 1)
        {
            Put(now);
        }
    }

    public void Tick(long now)
    {
        if (_proposed is not null && now - _askedAt >= state.Timings.Resend && (!_waiting || now - _askedAt >= 4 * state.Timings.Resend))
        {
            Read(now);
        }
    }

    /// <summary>The term is over: whatever became of the write, the version it was bound to is gone.</summary>
    public void Forget() => _proposed = null;

    private TableEntry Settle()
    {
        var settled = _proposed!;
        _proposed = null;
        return settled;
    }

    private void Put(long now)
    {
        _waiting = true;
        _askedAt = now;
        state.Emit(new CasEntry(_proposed!.Version - 1, _proposed));
    }

    private void Read(long now)
    {
        _waiting = true;
        _askedAt = now;
        state.Emit(new ReadEntry());
    }
}
