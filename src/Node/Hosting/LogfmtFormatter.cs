using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Deucalion.Node.Hosting;

/// <summary>Log lines in logfmt, as the tools around Prometheus write them: <c>time=… level=info component=… msg="…"</c> and the message's own fields.</summary>
internal sealed class LogfmtFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>Name under which the formatter is chosen.</summary>
    public const string FormatterName = "logfmt";

    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(" \"=\n\r\t\\");

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write("time=");
        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        textWriter.Write(" level=");
        textWriter.Write(logEntry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            _ => "error",
        });
        WriteField(textWriter, "component", logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]);
        WriteField(textWriter, "msg", logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            foreach (var (name, value) in fields)
            {
                if (name != "{OriginalFormat}")
                {
                    WriteField(textWriter, char.ToLowerInvariant(name[0]) + name[1..], Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);
                }
            }
        }

        if (logEntry.Exception is { } exception)
        {
            WriteField(textWriter, "err", exception.ToString());
        }

        textWriter.Write('\n');
    }

    private static void WriteField(TextWriter writer, string name, string value)
    {
        writer.Write(' ');
        writer.Write(name);
        writer.Write('=');
        if (value.Length > 0 && !value.AsSpan().ContainsAny(NeedQuotes))
        {
            writer.Write(value);
            return;
        }

        writer.Write('"');
        writer.Write(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal));
        writer.Write('"');
    }
}
