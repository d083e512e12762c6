using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;

namespace Deucalion.Storage.Tools.OpenMetrics;

/// <summary>A place in a line of OpenMetrics text, moved on by what is read there.</summary>
internal sealed class OpenMetricsLine(string text, int number)
{
    public int Position { get; private set; }

    public bool AtEnd => Position == text.Length;

    public bool AtExemplar => text.AsSpan(Position).StartsWith(" # ");

    /// <summary>The character here, or NUL at the end.</summary>
    public char Peek => AtEnd ? '\0' : text[Position];

    public void Expect(string wanted)
    {
        if (!text.AsSpan(Position).StartsWith(wanted))
        {
            throw Error($"expected {LabelText.Quote(wanted)}, found {Found()}");
        }

        Position += wanted.Length;
    }

    /// <summary>What is left of the line.</summary>
    public string Rest()
    {
        var start = Position;
        Position = text.Length;
        return text[start..];
    }

    /// <summary>Text up to the next blank, perhaps empty.</summary>
    public string Word()
    {
        var end = text.IndexOf(' ', Position);
        var start = Position;
        Position = end < 0 ? text.Length : end;
        return text[start..Position];
    }

    public string MetricName() => Name(colons: true, "a metric name");

    /// <summary>A string in double quotes, unescaped.</summary>
    public string Quoted()
    {
        Expect("\"");
        var result = new StringBuilder();
        for (; Peek != '"'; Position++)
        {
            if (AtEnd)
            {
                throw Error("the quoted text has no end");
            }

            if (Peek != '\\')
            {
                result.Append(Peek);
                continue;
            }

            Position++;
            result.Append(Peek switch
            {
                'n' => '\n',
                '"' => '"',
                '\\' => '\\',
                _ => throw Error("after a backslash comes n, \" or \\"),
            });
        }

        Position++;
        return result.ToString();
    }

    /// <summary>Labels in braces; a quoted text without a value in first place is the metric's name.</summary>
    public void Labels(LabelsBuilder into, bool allowName)
    {
        Expect("{");
        for (var first = true; Peek != '}'; first = false)
        {
            if (!first)
            {
                Expect(",");
                if (Peek == '}')
                {
                    break;
                }
            }

            var start = Position;
            var name = Peek == '"' ? Quoted() : Name(colons: false, "a label name");
            var isMetricName = first && allowName && text[start] == '"' && Peek is ',' or '}' && into.Get(Common.Labels.Labels.MetricName).Length == 0;
            string value;
            if (isMetricName)
            {
                (name, value) = (Common.Labels.Labels.MetricName, name);
            }
            else
            {
                Expect("=");
                value = Quoted();
            }

            if (name.Length == 0 || into.Get(name).Length > 0)
            {
                Position = start;
                throw Error(name.Length == 0 ? "a name is empty" : $"label {name} is there twice");
            }

            into.Set(name, value);
        }

        Expect("}");
    }

    public double Number(string what)
    {
        var start = Position;
        var word = Word();
        if (!GoNumber.TryParseFloat(word, out var value))
        {
            Position = start;
            throw Error($"expected {what}, found {Found()}");
        }

        return value;
    }

    /// <summary>Seconds, as milliseconds.</summary>
    public long Timestamp()
    {
        var start = Position;
        var milliseconds = Math.Round(Number("a timestamp in seconds") * 1000);
        if (double.IsNaN(milliseconds) || Math.Abs(milliseconds) > long.MaxValue / 2)
        {
            Position = start;
            throw Error("the timestamp is out of range");
        }

        return (long)milliseconds;
    }

    private string Name(bool colons, string what)
    {
        var start = Position;
        while (char.IsAsciiLetterOrDigit(Peek) || Peek == '_' || (colons && Peek == ':'))
        {
            Position++;
        }

        if (Position == start || char.IsAsciiDigit(text[start]))
        {
            Position = start;
            throw Error($"expected {what}, found {Found()}");
        }

        return text[start..Position];
    }

    private string Found() => AtEnd ? "the end of the line" : LabelText.Quote(text[Position..Math.Min(text.Length, Position + 20)]);

    private OpenMetricsException Error(string reason) => new(number, Position + 1, reason);
}
