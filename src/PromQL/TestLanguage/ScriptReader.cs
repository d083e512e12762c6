using System.Text.RegularExpressions;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Parser;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Reads a test script into commands.</summary>
internal sealed partial class ScriptReader
{
    private readonly string[] _lines;
    private readonly ParserOptions _options;
    private int _next;

    private ScriptReader(string script, ParserOptions options)
    {
        _lines = script.Split('\n');
        _options = options;
        for (var i = 0; i < _lines.Length; i++)
        {
            _lines[i] = _lines[i].Trim();
            _lines[i] = _lines[i].StartsWith('#') ? string.Empty : _lines[i];
        }
    }

    /// <exception cref="ScriptException">The script is not valid.</exception>
    public static List<TestCommand> Read(string script, ParserOptions options) => new ScriptReader(script, options).ReadAll();

    private List<TestCommand> ReadAll()
    {
        var commands = new List<TestCommand>();
        while (_next < _lines.Length)
        {
            var line = _lines[_next++];
            if (line.Length == 0)
            {
                continue;
            }

            var word = line.Split([' ', '\t'], 2)[0].ToLowerInvariant();
            if (word == "clear")
            {
                commands.Add(new ClearCommand(_next));
            }
            else if (word.StartsWith("load", StringComparison.Ordinal))
            {
                commands.Add(ReadLoad(line));
            }
            else if (word.StartsWith("eval", StringComparison.Ordinal))
            {
                commands.Add(ReadEval(line));
            }
            else
            {
                throw Error($"invalid command {LabelText.Quote(line)}");
            }
        }

        return commands;
    }

    private ScriptException Error(string message) => new(_next, message);

    private string? NextOfBlock() => _next < _lines.Length && _lines[_next].Length > 0 ? _lines[_next++] : null;

    private long Duration(string text) =>
        text == "0" ? 0 : DurationText.TryParse(text, out var milliseconds, out var error) ? milliseconds : throw Error(error);

    private LoadCommand ReadLoad(string header)
    {
        var match = LoadHeader().Match(header);
        if (!match.Success)
        {
            throw Error("invalid load command");
        }

        var line = _next;
        var gap = Duration(match.Groups[2].Value);
        var series = new Dictionary<Labels, LoadedSeries>();
        List<long?>? starts = null;
        while (NextOfBlock() is { } text)
        {
            var read = new SeriesLine(text, _next);
            if (read.IsStartTimes)
            {
                starts = read.ReadStartTimes();
                continue;
            }

            series[read.Labels] = new LoadedSeries(read.Labels, Samples(read.ReadValues(), starts, gap));
            starts = null;
        }

        return new LoadCommand(line, [.. series.Values], match.Groups[1].Success);
    }

    private static List<LoadedSample> Samples(List<SeriesValue> values, List<long?>? starts, long gap)
    {
        var samples = new List<LoadedSample>();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Present)
            {
                var time = i * gap;
                var start = starts is not null && i < starts.Count && starts[i] is { } offset ? time + offset : 0;
                samples.Add(new LoadedSample(time, start, values[i].Value, values[i].Histogram));
            }
        }

        return samples;
    }

    private EvalCommand ReadEval(string header)
    {
        var line = _next;
        var instant = InstantHeader().Match(header);
        var range = RangeHeader().Match(header);
        if (!instant.Success && !range.Success)
        {
            throw Error("invalid eval command");
        }

        var match = instant.Success ? instant : range;
        var query = match.Groups["query"].Value;
        var start = Duration(instant.Success ? match.Groups["at"].Success ? match.Groups["at"].Value : "0" : match.Groups["from"].Value);
        var end = instant.Success ? start : Duration(match.Groups["to"].Value);
        var step = instant.Success ? 0 : Duration(match.Groups["step"].Value);
        if (end < start)
        {
            throw Error("end before start");
        }

        try
        {
            var expr = PromQlParser.Parse(query, _options);
            var expected = new ExpectationReader(NextOfBlock, () => _next, instant.Success).Read(match.Groups["mode"].Value);
            return new EvalCommand(line, query, expr, start, end, step, expected);
        }
        catch (ParseException e)
        {
            throw new ScriptException(line, e.Message);
        }
    }

    [GeneratedRegex(@"^load(?:_(with_nhcb))?\s+(.+?)$", RegexOptions.CultureInvariant)]
    private static partial Regex LoadHeader();

    [GeneratedRegex(@"^eval(?:_(?<mode>fail|warn|ordered|info))?\s+instant\s+(?:at\s+(?<at>.+?))?\s+(?<query>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex InstantHeader();

    [GeneratedRegex(@"^eval(?:_(?<mode>fail|warn|info))?\s+range\s+from\s+(?<from>.+)\s+to\s+(?<to>.+)\s+step\s+(?<step>.+?)\s+(?<query>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex RangeHeader();
}
