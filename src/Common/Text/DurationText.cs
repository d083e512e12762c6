using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Common.Text;

/// <summary>Prometheus durations such as <c>1h30m</c>, in milliseconds.</summary>
public static class DurationText
{
    private const long MaxNanoseconds = long.MaxValue;

    private static readonly (string Name, long Milliseconds, bool Exact)[] Units =
    [
        ("y", 365L * 24 * 3600 * 1000, true),
        ("w", 7L * 24 * 3600 * 1000, true),
        ("d", 24L * 3600 * 1000, false),
        ("h", 3600L * 1000, false),
        ("m", 60L * 1000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">It is no duration; the message is Prometheus's.</exception>
    public static long Parse(string text) => TryParse(text, out var milliseconds, out var error) ? milliseconds : throw new FormatException(error);

    /// <summary>Reads a duration; <paramref name="error"/> is Prometheus's message.</summary>
    public static bool TryParse(string text, out long milliseconds, out string error)
    {
        milliseconds = 0;
        error = text.Length == 0 ? "empty duration string" : string.Empty;
        if (text is "" or "0")
        {
            return text.Length > 0;
        }

        var total = UInt128.Zero;
        var lastUnit = -1;
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            i = SkipWhile(text, i, digits: true);
            if (i == start || !ulong.TryParse(text.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                error = $"not a valid duration string: {LabelText.Quote(text)}";
                return false;
            }

            start = i;
            i = SkipWhile(text, i, digits: false);
            var name = text[start..i];
            var unit = Array.FindIndex(Units, u => u.Name == name);
            if (unit < 0 && name.Length > 0)
            {
                error = $"unknown unit {LabelText.Quote(name)} in duration {LabelText.Quote(text)}";
                return false;
            }

            if (unit <= lastUnit)
            {
                error = $"not a valid duration string: {LabelText.Quote(text)}";
                return false;
            }

            lastUnit = unit;
            total += (UInt128)count * (ulong)Units[unit].Milliseconds;
            if (total * 1_000_000 > MaxNanoseconds)
            {
                error = "duration out of range";
                return false;
            }
        }

        milliseconds = (long)total;
        return true;
    }

    /// <summary>Text of a duration; weeks and years are used only where they divide it.</summary>
    public static string Format(long milliseconds)
    {
        if (milliseconds == 0)
        {
            return "0s";
        }

        var text = new StringBuilder(milliseconds < 0 ? "-" : string.Empty);
        var rest = milliseconds < 0 ? (ulong)-(Int128)milliseconds : (ulong)milliseconds;
        foreach (var (name, size, exact) in Units)
        {
            var unit = (ulong)size;
            if ((!exact || rest % unit == 0) && rest >= unit)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / unit}{name}");
                rest %= unit;
            }
        }

        return text.ToString();
    }

    private static int SkipWhile(string text, int i, bool digits)
    {
        while (i < text.Length && char.IsAsciiDigit(text[i]) == digits)
        {
            i++;
        }

        return i;
    }
}
