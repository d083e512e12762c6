using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// Lists the store again and again as long as anybody is interested: one listing serves all watches and all who wait for leases. Failures only delay.
/// Thread-safe.
/// </summary>
internal sealed partial class BucketPoller(BucketObjects objects, BucketStoreOptions options, BucketCoordinationMetrics metrics, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource<BucketSnapshot> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _polling = Task.CompletedTask;
    private int _watchers;
    private TimeSpan _askedUntil;

    /// <summary>Called after each listing, before anybody else sees it.</summary>
    public Func<BucketSnapshot, CancellationToken, Task>? Polled { get; set; }

    /// <summary>Told the time, says when the next listing is wanted early.</summary>
    public Func<TimeSpan, TimeSpan>? WantedAt { get; set; }

    /// <summary>The newest listing while it is recent; else null.</summary>
    public BucketSnapshot? Recent
    {
        get
        {
            lock (_lock)
            {
                return field is not null && Now - field.End <= options.LongestGap ? field : null;
            }
        }
        private set;
    }

    /// <summary>Time on a clock that only goes forward.</summary>
    public TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Somebody asked for a lease: listings go on for a while.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            _askedUntil = Now + options.RememberAsking;
            StartPolling();
        }
    }

    /// <summary>Listings go on until <see cref="Leave"/>.</summary>
    public void Enter()
    {
        lock (_lock)
        {
            _watchers++;
            StartPolling();
        }
    }

    /// <summary>Ends one <see cref="Enter"/>.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _watchers--;
        }
    }

    /// <summary>The next listing that completes.</summary>
    public Task<BucketSnapshot> Next
    {
        get
        {
            lock (_lock)
            {
                return _next.Task;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task polling;
        lock (_lock)
        {
            polling = _polling;
        }

        await polling.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private void StartPolling()
    {
        if (_polling.IsCompleted && !_stop.IsCancellationRequested)
        {
            _polling = Task.Run(() => PollAsync(_stop.Token));
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var failed = false;
        while (IsWanted())
        {
            var start = Now;
            var next = start + options.RetryInterval;
            try
            {
                var snapshot = await ListAsync(start, cancellationToken);

                // A listing of several pages is several requests, and they count.
                var regular = start + (options.PollInterval * (1 + (snapshot.Tags.Count / BucketStoreOptions.PageSize)));
                await PublishAsync(snapshot, cancellationToken);
                metrics.Polled(succeeded: true);
                var wanted = WantedAt?.Invoke(Now) ?? regular;
                next = wanted < regular ? wanted : regular;
                if (failed)
                {
                    LogWorksAgain(logger);
                    failed = false;
                }
            }
            catch (Exception e) when (e is CoordinationException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                metrics.Polled(succeeded: false);
                if (!failed)
                {
                    LogFailed(logger, e.Message);
                    failed = true;
                }
            }

            var delay = next - Now;
            await Task.Delay(delay > options.RetryInterval ? delay : options.RetryInterval, time, cancellationToken);
        }
    }

    private async Task<BucketSnapshot> ListAsync(TimeSpan start, CancellationToken cancellationToken)
    {
        // A listing that takes longer says too little about who is alive.
        using var limit = new CancellationTokenSource(options.LongestGap, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        return new BucketSnapshot(await objects.ListAsync(options.Prefix, linked.Token), start, Now);
    }

    private bool IsWanted()
    {
        lock (_lock)
        {
            if (_watchers > 0 || Now < _askedUntil)
            {
                return true;
            }

            // Whoever comes next starts it anew, although this task has a few steps to go.
            _polling = Task.CompletedTask;
            return false;
        }
    }

    private async Task PublishAsync(BucketSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (Polled is { } polled)
        {
            await polled(snapshot, cancellationToken);
        }

        TaskCompletionSource<BucketSnapshot> published;
        lock (_lock)
        {
            Recent = snapshot;
            published = _next;
            _next = new TaskCompletionSource<BucketSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        published.SetResult(snapshot);
    }

    [LoggerMessage(1, LogLevel.Warning, "The coordination store cannot be listed; changes made by others are learned of later: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "The coordination store can be listed again")]
    private static partial void LogWorksAgain(ILogger logger);
}
