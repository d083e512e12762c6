namespace Deucalion.Ingester.Read;

/// <summary>
/// Has the view read anew for one read, which goes on meanwhile: a store that is slow or away does not hold it up. A reading that nobody waits for any
/// more runs on, for others. What is given for that says false where the store does not answer. Not thread-safe.
/// </summary>
internal sealed class ViewRenewal(Func<CancellationToken, Task<bool>> refresh, TimeProvider time, CancellationToken cancellationToken)
{
    private Task<bool>? _running;
    private bool _isDone;

    /// <summary>Whether the view has been read anew since this was made.</summary>
    public bool IsDone => _isDone |= _running is { IsCompletedSuccessfully: true, Result: true };

    /// <summary>Has it read, unless that is under way.</summary>
    public void Begin()
    {
        _ = IsDone;
        if (_running is not { IsCompleted: false })
        {
            _running = refresh(cancellationToken);
        }
    }

    /// <summary>Has it read unless that is under way, and waits for it, at most for a time; whether it has been read anew then.</summary>
    public async Task<bool> WaitAsync(TimeSpan patience)
    {
        Begin();
        await ((Task)_running!).WaitAsync(patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return IsDone;
    }
}
