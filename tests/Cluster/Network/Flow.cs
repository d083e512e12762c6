namespace Deucalion.Cluster.Network;

/// <summary>What happens to the bytes that one party sends to another, in all connections between them. Thread-safe.</summary>
internal sealed class Flow
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _opened;

    /// <summary>Time that bytes are under way.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Bytes a second that pass; 0 is no limit.</summary>
    public long BytesPerSecond { get; private set; }

    /// <summary>Nothing passes from now on; a sender notices only that its window fills up.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _opened ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Slow(TimeSpan delay) => Delay = delay;

    public void Limit(long bytesPerSecond) => BytesPerSecond = bytesPerSecond;

    /// <summary>Everything passes at once.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            Delay = TimeSpan.Zero;
            BytesPerSecond = 0;
            _opened?.SetResult();
            _opened = null;
        }
    }

    /// <summary>Waits until bytes may pass.</summary>
    public Task OpenAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _opened is null ? Task.CompletedTask : _opened.Task.WaitAsync(cancellationToken);
        }
    }
}
