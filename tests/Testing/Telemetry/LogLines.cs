using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Testing.Telemetry;

/// <summary>Keeps what is logged, whatever the category and the level. Thread-safe.</summary>
public sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _written = new();

    /// <summary>Lines as in <c>Warning: text</c>, in order.</summary>
    public IReadOnlyCollection<string> Written => _written;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _written.Enqueue($"{logLevel}: {formatter(state, exception)}");

    public void Dispose()
    {
        // Nothing is held.
    }
}
