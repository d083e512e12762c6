namespace Deucalion.Querier.Sources;

/// <summary>
/// The list of a tenant's blocks as it was read last. One read is under way at a time; whoever waits for it may give up: it goes on, and who comes later has its
/// list. Thread-safe.
/// </summary>
internal sealed class TenantBlockList(Func<Task<BlockList>> read, Action<BlockList> kept, TimeProvider time)
{
    // A failure says nothing about the store of much later; reads of one that is away fail after a minute at most.
    private static readonly TimeSpan FailureCounts = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Reading? _reading;
    private volatile KeptList? _kept;
    private volatile FailedRead? _failure;

    /// <summary>The list of the last read that worked.</summary>
    public KeptList? Kept => _kept;

    /// <summary>Why the last read failed, if it did and not long ago.</summary>
    public Exception? Failure => _failure is { } failed && time.GetElapsedTime(failed.EndedAt) < FailureCounts ? failed.Failure : null;

    /// <summary>The read that is under way, or a new one.</summary>
    public Reading Read()
    {
        lock (_lock)
        {
            if (_reading is not { Ended.IsCompleted: false })
            {
                var began = time.GetTimestamp();
                _reading = new Reading(began, Task.Run(() => ReadAsync(began)));
            }

            return _reading;
        }
    }

    private async Task<BlockList?> ReadAsync(long began)
    {
        try
        {
            var list = await read();
            _kept = new KeptList(list, began);
            _failure = null;
            kept(list);
            return list;
        }
        catch (Exception e)
        {
            _failure = new FailedRead(e, time.GetTimestamp());
            return null;
        }
    }

    /// <summary>A list and the timestamp at which its read began.</summary>
    public sealed record KeptList(BlockList List, long ReadAt);

    /// <summary>A read, the timestamp at which it began, and its list, null if it failed.</summary>
    public sealed record Reading(long Began, Task<BlockList?> Ended);

    private sealed record FailedRead(Exception Failure, long EndedAt);
}
