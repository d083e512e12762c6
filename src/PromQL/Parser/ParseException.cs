using System.Text;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>A query that is not valid. The message is <c>LINE:COLUMN: parse error: TEXT</c> as Prometheus prints it.</summary>
public sealed class ParseException : Exception
{
    /// <summary>Says what is wrong where in <paramref name="query"/>.</summary>
    public ParseException(string query, PositionRange position, string text)
        : base(Locate(query, position.Start, out var line, out var column) + ": parse error: " + text)
    {
        Position = position;
        Line = line;
        Column = column;
        Text = text;
    }

    /// <summary>The part of the query.</summary>
    public PositionRange Position { get; }

    /// <summary>Line, from 1; 0 for an empty query.</summary>
    public int Line { get; }

    /// <summary>Column in UTF-8 bytes, from 1; 0 for an empty query.</summary>
    public int Column { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Text { get; }

    private static string Locate(string query, int start, out int line, out int column)
    {
        line = 0;
        column = 0;
        if (query.Length == 0)
        {
            return "unknown position";
        }

        var before = query.AsSpan(0, Math.Clamp(start, 0, query.Length));
        line = before.Count('\n') + 1;
        column = Encoding.UTF8.GetByteCount(before[(before.LastIndexOf('\n') + 1)..]) + 1;
        return $"{line}:{column}";
    }
}
