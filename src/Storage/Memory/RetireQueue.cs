namespace Deucalion.Storage.Memory;

/// <summary>
/// Things a writer has unlinked and will reuse once no reader can see them any more, oldest first. Belongs to one writer; costs nothing while
/// nothing is retired.
/// </summary>
internal sealed class RetireQueue<T>(ReaderEpochs epochs)
{
    private readonly Queue<(long Tag, T Item)> _items = new();

    /// <summary>Adds an item that readers who come now cannot reach any more.</summary>
    public void Add(T item) => _items.Enqueue((epochs.Tag(), item));

    /// <summary>Hands every item to <paramref name="release"/> that no reader can still see.</summary>
    public void Collect(Action<T> release)
    {
        if (_items.Count == 0)
        {
            return;
        }

        var safe = epochs.SafeEpoch();
        while (_items.TryPeek(out var entry) && entry.Tag < safe)
        {
            _items.Dequeue();
            release(entry.Item);
        }
    }

    /// <summary>Hands every item over, when there are no readers any more.</summary>
    public void CollectAll(Action<T> release)
    {
        while (_items.TryDequeue(out var entry))
        {
            release(entry.Item);
        }
    }
}
