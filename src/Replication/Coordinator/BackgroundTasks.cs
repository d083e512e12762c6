namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Work that is begun and not waited for, until the end: then it is cancelled and awaited. <paramref name="failed"/> is told of what nobody expected.
/// Thread-safe.
/// </summary>
internal sealed class BackgroundTasks(Action<Exception> failed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _running = [];
    private bool _isStopped;

    public void Run(Func<CancellationToken, Task> work)
    {
        lock (_running)
        {
            if (_isStopped)
            {
                return;
            }

            var task = Task.Run(() => GuardAsync(work), CancellationToken.None);
            _running.Add(task);
            _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_running)
        {
            _isStopped = true;
            running = [.. _running];
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private async Task GuardAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }

    private void Forget(Task task)
    {
        lock (_running)
        {
            _running.Remove(task);
        }
    }
}
