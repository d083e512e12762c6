namespace Deucalion.Replication.Membership;

/// <summary>Who wants to hear of new views. Each gets them one at a time and in rising order, on a thread that learnt of one. Thread-safe.</summary>
internal sealed class ViewSubscribers
{
    private readonly Lock _lock = new();
    private readonly List<Action<ClusterView>> _subscribers = [];
    private ClusterView? _newest;
    private long _told;
    private bool _isTelling;

    /// <summary>Adds one that hears of views after <paramref name="present"/>.</summary>
    public void Add(Action<ClusterView> subscriber, ClusterView present)
    {
        lock (_lock)
        {
            _subscribers.Add(subscriber);
            _told = Math.Max(_told, present.Version);
        }
    }

    public void Tell(ClusterView view)
    {
        lock (_lock)
        {
            _newest = _newest is null || view.Version > _newest.Version ? view : _newest;
            if (_isTelling)
            {
                // Whoever is at it goes on with this one.
                return;
            }

            _isTelling = true;
        }

        var isDone = false;
        try
        {
            while (Next() is var (next, subscribers))
            {
                foreach (var subscriber in subscribers)
                {
                    subscriber(next);
                }
            }

            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                // One of them failed, against its promise: others must still hear of the next view.
                lock (_lock)
                {
                    _isTelling = false;
                }
            }
        }
    }

    private (ClusterView View, Action<ClusterView>[] Subscribers)? Next()
    {
        lock (_lock)
        {
            if (_newest is not { } view || view.Version <= _told)
            {
                _isTelling = false;
                return null;
            }

            _told = view.Version;
            return (view, [.. _subscribers]);
        }
    }
}
