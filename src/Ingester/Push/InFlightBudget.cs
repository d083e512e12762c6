namespace Deucalion.Ingester.Push;

/// <summary>Counts what requests hold against fixed bounds; refuses rather than waits. Thread-safe.</summary>
internal sealed class InFlightBudget(long maxBytes, int maxRequests)
{
    private long _bytes;
    private int _requests;

    /// <summary>Bytes held now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Requests held now.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Counts a request in, unless there are too many.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _requests) <= maxRequests)
        {
            return true;
        }

        Interlocked.Decrement(ref _requests);
        return false;
    }

    /// <summary>Counts a request out, with all the bytes that it took.</summary>
    public void Exit(long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Takes bytes, unless that would be too many; a single request within the limits always fits an empty budget.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= Math.Max(maxBytes, bytes))
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }
}
