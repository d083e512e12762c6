using Deucalion.Node.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Deucalion.Node.Diagnostics;

/// <summary>Keeps the last lines of the log, as they were written, for <c>/debug/logs</c> and support bundles. Thread-safe.</summary>
internal sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    private const int Lines = 2000;

    // Traces of exceptions are long; their beginning says most.
    private const int MaxLine = 8 * 1024;

    private readonly LogfmtFormatter _formatter = new(time);
    private readonly Queue<string> _lines = [];
    private readonly Lock _lock = new();

    /// <summary>The lines, the oldest first, each with its end of line.</summary>
    public string[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // There is nothing to give back.
    }

    private void Keep(string line)
    {
        lock (_lock)
        {
            if (_lines.Count == Lines)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
        }
    }

    private sealed class Category(RecentLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var line = new StringWriter();
            log._formatter.Write(new LogEntry<TState>(logLevel, name, eventId, state, exception, formatter), null, line);
            log.Keep(line.GetStringBuilder().Length <= MaxLine ? line.ToString() : line.ToString()[..MaxLine] + "...\n");
        }
    }
}
