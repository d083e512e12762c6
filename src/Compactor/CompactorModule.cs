using Deucalion.Common.Manifests;
using Deucalion.Compactor.Compaction;
using Deucalion.Compactor.Retention;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor;

/// <summary>The compactor role of a node: retention and compaction in the background, from <see cref="Start"/> to <see cref="DisposeAsync"/>.</summary>
public sealed partial class CompactorModule : IAsyncDisposable
{
    private readonly CompactorParts _parts;
    private readonly ILogger<CompactorModule> _logger;
    private readonly RetentionRun _retention;
    private readonly CompactionExecutor _executor;
    private readonly CompactionRun _compaction;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;
    private int _stopped;

    /// <summary>Wires the role; nothing is read or written yet.</summary>
    public CompactorModule(CompactorParts parts)
    {
        _parts = parts;
        _logger = parts.Loggers.CreateLogger<CompactorModule>();
        var manifests = new ManifestStore(parts.Objects);
        _retention = new RetentionRun(parts.Objects, manifests, new RetentionMetrics(parts.Meters), parts.Time, parts.Loggers.CreateLogger<RetentionRun>());
        _executor = new CompactionExecutor(parts.Objects, manifests, parts.Disk, parts.WorkDirectory, parts.Time);
        _compaction = new CompactionRun(
            manifests,
            _executor,
            new TenantLeases(parts.Coordination, parts.Node),
            new CompactionMetrics(parts.Meters),
            parts.Time,
            parts.Loggers.CreateLogger<CompactionRun>());
    }

    /// <summary>Begins to work.</summary>
    public void Start() => _background = Task.WhenAll(Task.Run(() => UntilStoppedAsync(RetainAsync)), Task.Run(() => UntilStoppedAsync(CompactAsync)));

    /// <summary>Stops; a merge under way is given up. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _stopping.CancelAsync();
            await _background;
            _stopping.Dispose();
        }
    }

    private async Task UntilStoppedAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private async Task RetainAsync()
    {
        while (true)
        {
            var options = _parts.Retention();
            await TryAsync(() => _retention.RunAsync(options, _stopping.Token), "Retention");
            await Task.Delay(options.Interval, _parts.Time, _stopping.Token);
        }
    }

    private async Task CompactAsync()
    {
        await TryAsync(
            () =>
            {
                _executor.RemoveLeftovers();
                return Task.CompletedTask;
            },
            "The removal of merges that a crash cut off");
        while (true)
        {
            // A node that starts has better things to do than to merge at once.
            await Task.Delay(_parts.Compaction().Interval, _parts.Time, _stopping.Token);
            var options = _parts.Compaction();
            if (options.Enabled)
            {
                await TryAsync(() => _compaction.RunAsync(options, _stopping.Token), "Compaction");
            }
        }
    }

    private async Task TryAsync(Func<Task> work, string what)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            LogFailed(_logger, what, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{What} failed; it will be tried again")]
    private static partial void LogFailed(ILogger logger, string what, Exception exception);
}
