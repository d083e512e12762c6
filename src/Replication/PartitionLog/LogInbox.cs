using System.Collections.Concurrent;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// What waits for a log's owner: events, and reports of the journal. Any thread adds; the owner is woken once and then takes everything on its mailbox.
/// Messages of replicas are bounded by the windows of those who send them.
/// </summary>
internal sealed class LogInbox(Action wake)
{
    private readonly ConcurrentQueue<LogEvent> _events = new();
    private int _tickWaits;
    private int _woken;
    private volatile bool _isClosed;

    public void Add(LogEvent happened)
    {
        if (happened is Ticked && Interlocked.Exchange(ref _tickWaits, 1) != 0)
        {
            return;
        }

        _events.Enqueue(happened);
        Wake();
        if (_isClosed)
        {
            DropAll();
        }
    }

    /// <summary>The owner has ended: what waits is dropped, and what comes. Who waits until the log knows something waits no more.</summary>
    public void Close()
    {
        _isClosed = true;
        Interlocked.MemoryBarrier();
        DropAll();
    }

    /// <summary>The owner has something to take in.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
        {
            wake();
        }
    }

    /// <summary>From now on what is added wakes the owner again.</summary>
    public void Begin() => Volatile.Write(ref _woken, 0);

    public bool TryTake(out LogEvent happened)
    {
        if (!_events.TryDequeue(out happened!))
        {
            return false;
        }

        if (happened is Ticked)
        {
            Volatile.Write(ref _tickWaits, 0);
        }

        return true;
    }

    private void DropAll()
    {
        while (TryTake(out var happened))
        {
            (happened as EntryOrdered)?.Known.TrySetResult();
        }
    }
}
