using System.Diagnostics.Metrics;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Compactor.Retention;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor;

/// <summary>The compactor role of a node: retention in the background, from <see cref="Start"/> to <see cref="DisposeAsync"/>.</summary>
public sealed partial class CompactorModule : IAsyncDisposable
{
    private readonly RetentionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<CompactorModule> _logger;
    private readonly RetentionRun _retention;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;

    /// <summary>Wires the role; nothing is read or written yet.</summary>
    public CompactorModule(RetentionOptions options, IObjectStore objects, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<CompactorModule>();
        _retention = new RetentionRun(objects, new ManifestStore(objects), options, new RetentionMetrics(meters), time, loggers.CreateLogger<RetentionRun>());
    }

    /// <summary>Begins to work.</summary>
    public void Start() => _background = Task.Run(RunAsync);

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _background;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_options.Interval, _time);
        try
        {
            do
            {
                await RunOnceAsync();
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private async Task RunOnceAsync()
    {
        try
        {
            await _retention.RunAsync(_stopping.Token);
        }
        catch (IOException e)
        {
            LogFailed(_logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Retention failed; it will be tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
