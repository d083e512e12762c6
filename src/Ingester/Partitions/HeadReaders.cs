namespace Deucalion.Ingester.Partitions;

/// <summary>
/// Reads under way, and what may be freed only after all reads that began before have ended. Thread-safe.
/// </summary>
internal sealed class HeadReaders
{
    private readonly object _gate = new();
    private readonly SortedSet<long> _active = [];
    private readonly Queue<(long Before, Action Free)> _retired = new();
    private long _next;
    private bool _closed;

    /// <summary>Begins a read; null once no more may begin. Every number is given back by <see cref="End"/>.</summary>
    public long? TryBegin()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            _active.Add(++_next);
            return _next;
        }
    }

    /// <summary>Ends a read.</summary>
    public void End(long number)
    {
        lock (_gate)
        {
            _active.Remove(number);
        }

        Free();
    }

    /// <summary>Frees something once nobody who began to read before now can hold it.</summary>
    public void Retire(Action free)
    {
        lock (_gate)
        {
            _retired.Enqueue((_next, free));
        }

        Free();
    }

    /// <summary>No more reads may begin.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    private void Free()
    {
        while (true)
        {
            Action free;
            lock (_gate)
            {
                if (!_retired.TryPeek(out var oldest) || (_active.Count > 0 && _active.Min <= oldest.Before))
                {
                    return;
                }

                free = _retired.Dequeue().Free;
            }

            free();
        }
    }
}
