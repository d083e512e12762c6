using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Parser;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Reads a series line: a metric, then its values in short notation.</summary>
internal ref struct SeriesLine
{
    private readonly int _line;
    private readonly string _text;
    private int _at;

    public SeriesLine(string text, int line)
    {
        _text = text;
        _line = line;
        Labels = ReadMetric();
        IsStartTimes = _text.AsSpan(_at).StartsWith("@st");
        _at += IsStartTimes ? 3 : 0;
    }

    public Labels Labels { get; }

    /// <summary>Whether the values are start times of the next line.</summary>
    public bool IsStartTimes { get; }

    public List<SeriesValue> ReadValues()
    {
        var values = new List<SeriesValue>();
        while (SkipSpace())
        {
            if (_text.AsSpan(_at).StartsWith("{{"))
            {
                ReadHistograms(values);
            }
            else
            {
                ReadFloats(values, ReadWord());
            }
        }

        return values;
    }

    /// <summary>Offsets of start times in milliseconds, null where none.</summary>
    public List<long?> ReadStartTimes()
    {
        var offsets = new List<long?>();
        while (SkipSpace())
        {
            var item = StartTimeItem.Parse(ReadWord(), _line);
            for (var i = 0; i < item.Count; i++)
            {
                offsets.Add(item.Start is { } start ? start + (i * item.Delta) : null);
            }
        }

        return offsets;
    }

    private ScriptException Error(string message) => new(_line, $"{message} in {LabelText.Quote(_text)}");

    private Labels ReadMetric()
    {
        while (_at < _text.Length && _text[_at] is not ('{' or ' ' or '\t' or '@'))
        {
            _at++;
        }

        if (_at < _text.Length && _text[_at] == '{')
        {
            SkipBraces();
        }

        try
        {
            var builder = new LabelsBuilder();
            foreach (var matcher in PromQlParser.ParseMetricSelector(_text[.._at]))
            {
                builder.Set(matcher.Name, matcher.Value);
            }

            return builder.Build();
        }
        catch (ParseException e)
        {
            throw Error(e.Message);
        }
    }

    private void SkipBraces()
    {
        var quote = '\0';
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (quote != '\0')
            {
                if (c == '\\' && quote != '`')
                {
                    _at++;
                }
                else if (c == quote)
                {
                    quote = '\0';
                }
            }
            else if (c is '"' or '\'' or '`')
            {
                quote = c;
            }
            else if (c == '}')
            {
                _at++;
                return;
            }
        }

        throw Error("unclosed braces");
    }

    private bool SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t')
        {
            _at++;
        }

        return _at < _text.Length;
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is not (' ' or '\t'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private readonly void ReadFloats(List<SeriesValue> values, string word)
    {
        var item = FloatItem.Parse(word, _line);
        var value = item.Value;
        for (var i = 0; i < item.Count; i++)
        {
            values.Add(item.Present ? SeriesValue.Of(value) : SeriesValue.Missing);
            value += item.Delta;
        }
    }

    private void ReadHistograms(List<SeriesValue> values)
    {
        var first = ReadHistogram(out var hint);
        FloatHistogram? delta = null;
        var sign = '+';
        if (_at + 2 < _text.Length && _text[_at] is '+' or '-' && _text[_at + 1] == '{')
        {
            sign = _text[_at++];
            delta = ReadHistogram(out _);
        }

        var more = 0;
        if (_at < _text.Length && _text[_at] == 'x')
        {
            var count = ReadWord();
            if (!int.TryParse(count.AsSpan(1), out more))
            {
                throw Error("bad repetition");
            }
        }

        values.Add(SeriesValue.Of(first, hint));
        var sum = new HistogramSum();
        sum.Start(first);
        for (var i = 0; i < more; i++)
        {
            if (delta is not null)
            {
                _ = sign == '+' ? sum.Add(delta) : sum.Subtract(delta);
            }

            values.Add(SeriesValue.Of(delta is null ? first : sum.ToHistogram(), hint));
        }
    }

    private FloatHistogram ReadHistogram(out bool hintGiven)
    {
        var end = _text.IndexOf("}}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("unclosed histogram");
        }

        var histogram = HistogramItem.Parse(_text[(_at + 2)..end], _line, out hintGiven);
        _at = end + 2;
        return histogram;
    }
}
