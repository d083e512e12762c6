namespace Deucalion.Ingester.Partitions;

/// <summary>Requests in order of the log seq that their answer waits for. For the actor.</summary>
internal sealed class PartitionWaiters
{
    private readonly Queue<Waiter> _queue = new();
    private long _nextDeadline = long.MaxValue;

    /// <summary>How many wait.</summary>
    public int Count => _queue.Count;

    /// <summary>Adds an append, answered with <paramref name="stored"/>.</summary>
    public void Add(long seq, AppendRequest request, StoredCounts stored)
    {
        _queue.Enqueue(new Waiter(seq, request, stored, null));
        _nextDeadline = Math.Min(_nextDeadline, request.Deadline);
    }

    /// <summary>Adds something else: called with whether seq was committed.</summary>
    public void Add(long seq, Action<bool> then) => _queue.Enqueue(new Waiter(seq, null, default, then));

    /// <summary>Answers all whose seq has been applied.</summary>
    public void Complete(long applied)
    {
        while (_queue.TryPeek(out var waiter) && waiter.Seq <= applied)
        {
            _queue.Dequeue();
            waiter.Request?.Complete(new AppendResult(waiter.Stored, null));
            waiter.Then?.Invoke(true);
        }
    }

    /// <summary>Tells appends that nobody waits for any more to try again; what they appended may be committed later all the same.</summary>
    public void Expire(long now, string reason)
    {
        if (now < _nextDeadline)
        {
            return;
        }

        _nextDeadline = long.MaxValue;
        for (var left = _queue.Count; left > 0; left--)
        {
            var waiter = _queue.Dequeue();
            if (waiter.Request?.TryExpire(now, reason) != true)
            {
                _queue.Enqueue(waiter);
                _nextDeadline = Math.Min(_nextDeadline, waiter.Request?.Deadline ?? long.MaxValue);
            }
        }
    }

    /// <summary>Tells all to try again.</summary>
    public void Fail(string reason)
    {
        while (_queue.TryDequeue(out var waiter))
        {
            waiter.Request?.Fail(new PartitionMovingException(reason));
            waiter.Then?.Invoke(false);
        }
    }

    private readonly record struct Waiter(long Seq, AppendRequest? Request, StoredCounts Stored, Action<bool>? Then);
}
