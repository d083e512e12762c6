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

    /// <summary>Fails those that have waited too long.</summary>
    public void Expire(string reason)
    {
        while (_waiting.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) >= patience)
        {
            _waiting.Dequeue();
            oldest.Message.Fail(new PartitionMovingException(reason));
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
