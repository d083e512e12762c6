namespace Deucalion.Storage.Head.Index;

/// <summary>A label name of the head with its pairs. The writer changes it; readers take <see cref="Pairs"/> as it stands.</summary>
internal sealed class LabelName(string name)
{
    private int[] _items = new int[2];
    private volatile Snapshot _snapshot = new([], 0);

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>Ids of the pairs with this name, in no order.</summary>
    public ReadOnlySpan<int> Pairs => _snapshot.Span;

    /// <summary>Adds a pair.</summary>
    public void Add(int pair)
    {
        var count = _snapshot.Count;
        if (count == _items.Length)
        {
            Array.Resize(ref _items, count * 2);
        }

        _items[count] = pair;
        _snapshot = new Snapshot(_items, count + 1);
    }

    /// <summary>Keeps the pairs that satisfy the condition.</summary>
    public void Retain(Func<int, bool> keep)
    {
        var kept = Array.FindAll(_snapshot.Span.ToArray(), pair => keep(pair));
        _items = kept.Length < 2 ? new int[2] : kept;
        kept.CopyTo(_items, 0);
        _snapshot = new Snapshot(_items, kept.Length);
    }

    private sealed class Snapshot(int[] items, int count)
    {
        public int Count => count;

        public ReadOnlySpan<int> Span => items.AsSpan(0, count);
    }
}
