namespace Deucalion.Ingester.Partitions;

/// <summary>Requests that came while the log was being opened. For the actor.</summary>
internal sealed class HeldRequests(TimeProvider time, TimeSpan patience)
{
    private readonly Queue<(PartitionMessage Message, long Since)> _waiting = new();

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Holds a request.</summary>
    public void Add(PartitionMessage message) => _waiting.Enqueue((message, time.GetTimestamp()));

    /// <summary>The next request, in order of arrival.</summary>
    public bool TryTake(out PartitionMessage message)
    {
        var taken = _waiting.TryDequeue(out var next);
        message = next.Message;
        return taken;
    }

    /// <summary>Fails those that have waited too long, or that nobody waits for any more.</summary>
    public void Expire(string reason)
    {
        var now = time.GetTimestamp();
        for (var left = _waiting.Count; left > 0; left--)
        {
            var next = _waiting.Dequeue();
            if (time.GetElapsedTime(next.Since, now) >= patience)
            {
                next.Message.Fail(new PartitionMovingException(reason));
            }
            else if ((next.Message as AppendRequest)?.TryExpire(now, reason) != true)
            {
                _waiting.Enqueue(next);
            }
        }
    }

    /// <summary>Fails all.</summary>
    public void Fail(string reason)
    {
        while (_waiting.TryDequeue(out var next))
        {
            next.Message.Fail(new PartitionMovingException(reason));
        }
    }
}
