using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.Ruler.Evaluation;

namespace Deucalion.Ruler.Templates;

/// <summary>Values as Go's fmt prints them.</summary>
internal static class TemplateText
{
    /// <summary>As <c>%v</c>.</summary>
    public static string Of(object? value) => value switch
    {
        null => "<no value>",
        string text => text,
        double number => GoFloat.FormatGeneral(number),
        long number => number.ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        FloatHistogram histogram => HistogramText.Of(histogram),
        List<object?> list => "[" + string.Join(' ', list.ConvertAll(Of)) + "]",
        Labels labels => "map[" + string.Join(' ', Enumerable.Range(0, labels.Count).Select(i => $"{labels.NameAt(i)}:{labels.ValueAt(i)}")) + "]",
        RuleSample row => $"{{{Of(row.Labels)} {Of(row.Value)}}}",
        _ => value.ToString() ?? string.Empty,
    };

    /// <summary>The function print: spaces between neighbours of which none is a string.</summary>
    public static string Print(IReadOnlyList<object?> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            text.Append(i > 0 && values[i] is not string && values[i - 1] is not string ? " " : string.Empty).Append(Of(values[i]));
        }

        return text.ToString();
    }

    /// <summary>The function printf: verbs v, s, d, f, e, g, q, x, t with flags, width and precision.</summary>
    public static string Format(string format, IReadOnlyList<object?> values)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var start = ++i;
            while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '.' or '-' or '+' or '#' or ' '))
            {
                i++;
            }

            if (i == format.Length)
            {
                return text.Append("%!(NOVERB)").ToString();
            }

            if (format[i] == '%')
            {
                text.Append('%');
            }
            else if (next == values.Count)
            {
                text.Append(CultureInfo.InvariantCulture, $"%!{format[i]}(MISSING)");
            }
            else
            {
                text.Append(Verb(format[start..i], format[i], values[next++]));
            }
        }

        return text.ToString();
    }

    private static string Verb(string options, char verb, object? value)
    {
        var flags = options.Length - options.TrimStart('-', '+', '#', ' ', '0').Length;
        var numbers = options[flags..].Split('.');
        var width = Integer(numbers[0], 0);
        var precision = numbers.Length > 1 ? Integer(numbers[1], 0) : -1;
        var set = options[..flags];
        var text = (verb, value) switch
        {
            ('v', _) => Of(value),
            ('s', string s) => precision >= 0 && precision < s.Length ? s[..precision] : s,
            ('s', Labels or List<object?> or RuleSample) => Of(value),
            ('q', string s) => LabelText.Quote(s),
            ('t', bool) => Of(value),
            ('d', long) => Of(value),
            ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
            ('x', string s) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s)),
            ('f' or 'F', double number) => double.IsFinite(number) ? GoFloat.FormatDecimals(number, precision < 0 ? 6 : precision) : GoFloat.FormatGeneral(number),
            ('e', double number) => Exponent(number, precision < 0 ? 6 : precision),
            ('g', double number) => precision < 0 ? GoFloat.FormatGeneral(number) : GoFloat.FormatGeneral(number, precision),
            _ => $"%!{verb}({TypeName(value)}={Of(value)})",
        };
        if (set.Contains('+', StringComparison.Ordinal) && value is double or long && !text.StartsWith('-') && !text.StartsWith('+'))
        {
            text = "+" + text;
        }

        return set.Contains('-', StringComparison.Ordinal) ? text.PadRight(width)
            : set.Contains('0', StringComparison.Ordinal) && value is double or long ? Zeros(text, width)
            : text.PadLeft(width);
    }

    private static string Zeros(string text, int width) =>
        text.StartsWith('-') || text.StartsWith('+') ? text[0] + text[1..].PadLeft(width - 1, '0') : text.PadLeft(width, '0');

    private static string Exponent(double number, int precision) =>
        double.IsFinite(number) ? number.ToString($"0.{new string('0', precision)}e+00", CultureInfo.InvariantCulture) : GoFloat.FormatGeneral(number);

    private static int Integer(string text, int otherwise) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static string TypeName(object? value) => value switch
    {
        double => "float64",
        long => "int",
        string => "string",
        bool => "bool",
        _ => "<nil>",
    };
}
