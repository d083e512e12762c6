namespace Deucalion.Common.Actors;

/// <summary>Where the answer to an ask goes. Whoever answers first wins; the asker goes on on another thread. Thread-safe.</summary>
public sealed class Reply<T>
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<T> Task => _source.Task;

    /// <summary>Answers.</summary>
    public void Set(T value) => _source.TrySetResult(value);

    /// <summary>Answers with a failure.</summary>
    public void Fail(Exception reason) => _source.TrySetException(reason);
}
