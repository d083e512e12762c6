namespace Deucalion.Storage.Tools.OpenMetrics;

/// <summary>The text is not OpenMetrics; the message begins with line and column, both from 1.</summary>
public sealed class OpenMetricsException(int line, int column, string reason) : FormatException($"line {line}, column {column}: {reason}")
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The character in the line, from 1.</summary>
    public int Column { get; } = column;
}
