using System.Diagnostics.Metrics;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Compactor.Retention;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor;

/// <summary>The compactor role of a node: retention in the background, from <see cref="Start"/> to <see cref="DisposeAsync"/>.</summary>
public sealed partial class CompactorModule : IAsyncDisposable
{
    private readonly Func<RetentionOptions> _options;
    private readonly IObjectStore _objects;
    private readonly TimeProvider _time;
    private readonly ILogger<CompactorModule> _logger;
    private readonly RetentionMetrics _metrics;
    private readonly ILogger<RetentionRun> _runLogger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;

    /// <summary>Wires the role; nothing is read or written yet. <paramref name="options"/> is asked before each pass, so settings may change.</summary>
    public CompactorModule(Func<RetentionOptions> options, IObjectStore objects, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<CompactorModule>();
        _objects = objects;
        _metrics = new RetentionMetrics(meters);
        _runLogger = loggers.CreateLogger<RetentionRun>();
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
        try
        {
            while (true)
            {
                var options = _options();
                await RunOnceAsync(options);
                await Task.Delay(options.Interval, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private async Task RunOnceAsync(RetentionOptions options)
    {
        try
        {
            await new RetentionRun(_objects, new ManifestStore(_objects), options, _metrics, _time, _runLogger).RunAsync(_stopping.Token);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            LogFailed(_logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Retention failed; it will be tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
