using Deucalion.Node.Configuration;

namespace Deucalion.Node.Hosting;

/// <summary>Which log lines are written; changes with a reload. Thread-safe.</summary>
internal sealed class LogThreshold(LogVerbosity initial)
{
    private volatile int _least = (int)LevelOf(initial);

    /// <summary>Changes the threshold.</summary>
    public void Set(LogVerbosity verbosity) => _least = (int)LevelOf(verbosity);

    /// <summary>Whether a line of that category and level is written. Frameworks speak up from warnings on; failed starts are reported by the node itself.</summary>
    public bool Admits(string? category, LogLevel level) =>
        (int)level >= _least
        && (category?.StartsWith("Microsoft", StringComparison.Ordinal) != true
            || (level >= LogLevel.Warning && !category.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal)));

    private static LogLevel LevelOf(LogVerbosity verbosity) => verbosity switch
    {
        LogVerbosity.Debug => LogLevel.Debug,
        LogVerbosity.Info => LogLevel.Information,
        LogVerbosity.Warn => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
