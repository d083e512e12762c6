namespace Deucalion.Storage.Memory;

/// <summary>
/// Counts the native bytes that the heads of a node hold against a limit. Only counts: committed records must always find room, so it is the
/// caller who refuses new writes while <see cref="IsExceeded"/>. Thread-safe.
/// </summary>
public sealed class NativeMemoryBudget(long limit)
{
    private long _used;

    /// <summary>Bytes that the heads should stay below.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes held.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Whether writes should be refused until memory is freed.</summary>
    public bool IsExceeded => Used > Limit;

    internal void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}
