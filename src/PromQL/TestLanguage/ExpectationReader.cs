using System.Text.RegularExpressions;
using Deucalion.Common.Text;
using Deucalion.PromQL.Parser;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Reads the lines below an eval header.</summary>
/// <param name="nextLine">The next line of the block, or null at its end.</param>
/// <param name="lineNumber">Number of the line last read.</param>
/// <param name="isInstant">Whether the query is an instant one.</param>
internal sealed partial class ExpectationReader(Func<string?> nextLine, Func<int> lineNumber, bool isInstant)
{
    private readonly Expectation _expected = new();
    private int _fails;

    /// <param name="mode">Suffix of the command: fail, warn, info, ordered or nothing.</param>
    public Expectation Read(string mode)
    {
        switch (mode)
        {
            case "fail": _expected.Fail = TextExpectation.Any; break;
            case "warn": _expected.Warnings.Add(TextExpectation.Any); break;
            case "info": _expected.Infos.Add(TextExpectation.Any); break;
            case "ordered": _expected.Ordered = true; break;
        }

        while (nextLine() is { } line)
        {
            if (!ReadLine(line))
            {
                break;
            }
        }

        if ((_expected.NoWarnings && _expected.Warnings.Count > 0) || (_expected.NoInfos && _expected.Infos.Count > 0))
        {
            throw Error("a kind of annotation is expected and not expected");
        }

        return _expected;
    }

    private static bool IsNumber(string line, out double value)
    {
        if (GoNumber.ParseInt(line, out var integer) == NumberError.None)
        {
            value = integer;
            return true;
        }

        return GoNumber.TryParseFloat(line, out value);
    }

    private ScriptException Error(string message) => new(lineNumber(), message);

    private bool ReadLine(string line)
    {
        if (line.StartsWith("expected_fail_message ", StringComparison.Ordinal))
        {
            _expected.Fail = new TextExpectation(line["expected_fail_message ".Length..].Trim(), false);
            return false;
        }

        if (line.StartsWith("expected_fail_regexp ", StringComparison.Ordinal))
        {
            _expected.Fail = new TextExpectation(line["expected_fail_regexp ".Length..].Trim(), true);
            return false;
        }

        if (line.StartsWith("expect ", StringComparison.Ordinal))
        {
            ReadExpect(line);
            return true;
        }

        if (IsNumber(line, out var scalar))
        {
            _expected.Scalar = scalar;
            return false;
        }

        var series = new SeriesLine(line, lineNumber());
        var values = series.ReadValues();
        if (isInstant && _expected.RangeVector is null && values.Count > 1)
        {
            throw Error("expecting multiple values in instant evaluation not allowed");
        }

        _expected.Series.Add((lineNumber(), series.Labels, values));
        return true;
    }

    private void ReadExpect(string line)
    {
        if (RangeVector().Match(line) is { Success: true } range)
        {
            _expected.RangeVector = (Duration(range.Groups[1].Value), Duration(range.Groups[2].Value), Duration(range.Groups[3].Value));
            return;
        }

        if (line.StartsWith("expect string ", StringComparison.Ordinal))
        {
            _expected.Text = GoString.Unquote(line["expect string ".Length..].Trim());
            return;
        }

        var match = Expect().Match(line);
        if (!match.Success)
        {
            throw Error($"invalid expect line {line}");
        }

        var text = match.Groups[2].Success
            ? new TextExpectation(match.Groups[3].Value.Trim(), match.Groups[2].Value == "regex")
            : TextExpectation.Any;
        switch (match.Groups[1].Value)
        {
            case "ordered": _expected.Ordered = true; break;
            case "fail": _expected.Fail = _fails++ == 0 ? text : throw Error("more than one expect fail"); break;
            case "warn": _expected.Warnings.Add(text); break;
            case "no_warn": _expected.NoWarnings = true; break;
            case "info": _expected.Infos.Add(text); break;
            default: _expected.NoInfos = true; break;
        }
    }

    private long Duration(string text) =>
        text == "0" ? 0 : DurationText.TryParse(text, out var milliseconds, out var error) ? milliseconds : throw Error(error);

    [GeneratedRegex(@"^expect (ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Expect();

    [GeneratedRegex(@"^expect\s+range\s+vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex RangeVector();
}
