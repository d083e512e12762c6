using System.Buffers;

namespace Deucalion.Common.Contracts;

/// <summary>A list in a pooled array: its growth leaves no garbage, and a large one is used again by the next. Not thread-safe while it grows.</summary>
internal sealed class PooledColumn<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public ReadOnlySpan<T> Span => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[Count++] = item;
    }

    /// <summary>Empties the list and gives its memory back.</summary>
    public void Release()
    {
        var items = _items;
        _items = [];
        Count = 0;
        Return(items);
    }

    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(64, _items.Length * 2));
        Span.CopyTo(larger);
        var items = _items;
        _items = larger;
        Return(items);
    }

    private static void Return(T[] items)
    {
        if (items.Length > 0)
        {
            ArrayPool<T>.Shared.Return(items, clearArray: System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        }
    }
}
