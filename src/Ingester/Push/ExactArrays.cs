namespace Deucalion.Ingester.Push;

/// <summary>One array of each length, used again and again, for types whose length says how much they hold. Long ones are made anew. Not thread-safe.</summary>
internal sealed class ExactArrays<T>
{
    private const int MaxKept = 256;

    private readonly T[]?[] _arrays = new T[]?[MaxKept + 1];

    /// <summary>The array of a length; it still holds what it held.</summary>
    public T[] Of(int length) => length > MaxKept ? new T[length] : _arrays[length] ??= new T[length];

    /// <summary>The array of the items' length, with the items.</summary>
    public T[] Copy(ReadOnlySpan<T> items)
    {
        var array = Of(items.Length);
        items.CopyTo(array);
        return array;
    }
}
