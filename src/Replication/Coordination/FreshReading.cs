namespace Deucalion.Replication.Coordination;

/// <summary>
/// Readings for callers who need what stands when they ask, or later: one runs, and however many ask meanwhile, one comes after it for all of them.
/// Nobody can cancel it. Thread-safe.
/// </summary>
internal sealed class FreshReading
{
    private readonly Lock _lock = new();
    private Task? _running;
    private Task? _next;

    /// <summary>The reading that begins next: this one, unless somebody waits for one already. It fails as the reading does.</summary>
    public Task ReadAsync(Func<Task> read)
    {
        lock (_lock)
        {
            // The one that runs may have begun before what the caller has to see.
            return _next ??= ReadAfterAsync(_running, read);
        }
    }

    private async Task ReadAfterAsync(Task? before, Func<Task> read)
    {
        // Goes on once the caller has let go of the lock, and remembered this task as the next one.
        await Task.Yield();
        if (before is not null)
        {
            await Task.WhenAny(before);
        }

        lock (_lock)
        {
            (_running, _next) = (_next, null);
        }

        await read();
    }
}
