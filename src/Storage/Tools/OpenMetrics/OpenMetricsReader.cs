using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Storage.Tools.OpenMetrics;

/// <summary>
/// Reads the samples of an OpenMetrics 1.0 text one after the other; quoted names (UTF-8) are understood, exemplars are checked and left
/// out. Memory is that of one line. Anything else is <see cref="OpenMetricsException"/>. Not thread-safe.
/// </summary>
public sealed class OpenMetricsReader(TextReader text)
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "gaugehistogram", "stateset", "info", "summary", "unknown"];

    private bool _ended;

    /// <summary>Number of the current line, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Labels of the sample, its name among them.</summary>
    public Labels Labels { get; private set; } = Labels.Empty;

    /// <summary>Value of the sample.</summary>
    public double Value { get; private set; }

    /// <summary>Time of the sample, Unix milliseconds, or null where it has none.</summary>
    public long? Time { get; private set; }

    /// <summary>Moves to the next sample; false after the end marker.</summary>
    public bool Next()
    {
        while (ReadLine() is { } line)
        {
            if (_ended)
            {
                throw Error(0, "text after # EOF");
            }

            if (line.Length > 0 && line[0] == '#')
            {
                Comment(line);
                continue;
            }

            Sample(new OpenMetricsLine(line, Line));
            return true;
        }

        return _ended ? false : throw Error(0, "the text does not end with # EOF");
    }

    private string? ReadLine()
    {
        Line++;
        try
        {
            return text.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw Error(0, "here or shortly after it the text is not UTF-8");
        }
    }

    private void Comment(string text)
    {
        if (text == "# EOF")
        {
            _ended = true;
            return;
        }

        var line = new OpenMetricsLine(text, Line);
        line.Expect("# ");
        var keyword = line.Word();
        if (keyword is not ("TYPE" or "HELP" or "UNIT"))
        {
            throw Error(2, "after # comes TYPE, HELP, UNIT or EOF");
        }

        line.Expect(" ");
        var name = line.Peek == '"' ? line.Quoted() : line.MetricName();
        if (line.AtEnd && keyword != "TYPE")
        {
            return;
        }

        line.Expect(" ");
        var at = line.Position;
        var rest = line.Rest();
        if (keyword == "TYPE" && !Types.Contains(rest))
        {
            throw Error(at, $"{LabelText.Quote(rest)} is not a type of metric");
        }

        if (keyword == "UNIT" && rest.Length > 0 && !name.EndsWith("_" + rest, StringComparison.Ordinal))
        {
            throw Error(at, $"unit {LabelText.Quote(rest)} is not the end of the name {name}");
        }
    }

    private void Sample(OpenMetricsLine line)
    {
        var builder = new LabelsBuilder();
        var at = line.Position;
        if (line.Peek != '{')
        {
            builder.Set(Labels.MetricName, line.MetricName());
        }

        if (line.Peek == '{')
        {
            line.Labels(builder, allowName: true);
        }

        Labels = builder.Build();
        if (!Labels.Has(Labels.MetricName))
        {
            throw Error(at, "the sample has no name");
        }

        line.Expect(" ");
        Value = line.Number("a value");
        Time = null;
        if (!line.AtEnd && !line.AtExemplar)
        {
            line.Expect(" ");
            Time = line.Timestamp();
        }

        if (line.AtExemplar)
        {
            line.Expect(" # ");
            line.Labels(new LabelsBuilder(), allowName: false);
            line.Expect(" ");
            line.Number("the exemplar's value");
            if (!line.AtEnd)
            {
                line.Expect(" ");
                line.Timestamp();
            }
        }

        if (!line.AtEnd)
        {
            throw Error(line.Position, "unexpected text after the sample");
        }
    }

    private OpenMetricsException Error(int position, string reason) => new(Line, position + 1, reason);
}
