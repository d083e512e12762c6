using Deucalion.Common.Labels;
using Deucalion.Common.Text;

namespace Deucalion.Querier.Api;

/// <summary>Reads times, durations and limits of requests; the errors are Prometheus's texts.</summary>
internal static class ParameterText
{
    /// <summary>Oldest time that a request can name, Unix milliseconds; far enough from the limits of long that ranges can be added.</summary>
    public const long MinTime = -MaxTime;

    /// <summary>Newest time that a request can name, Unix milliseconds.</summary>
    public const long MaxTime = long.MaxValue / 1000;

    /// <summary>What a limit that was not given counts as.</summary>
    public const int NoLimit = int.MaxValue;

    private const string MinTimeText = "-292273086-05-16T16:47:06Z";
    private const string MaxTimeText = "292277025-08-18T07:12:54.999999999Z";
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Reads a time in Unix milliseconds: seconds as a float, or RFC 3339.</summary>
    public static bool TryTime(string text, out long milliseconds, out string error)
    {
        error = string.Empty;
        if (GoNumber.TryParseFloat(text, out var seconds))
        {
            milliseconds = FromSeconds(seconds);
            return true;
        }

        if (Rfc3339.TryParse(text, out milliseconds))
        {
            return true;
        }

        switch (text)
        {
            case MinTimeText:
                milliseconds = MinTime;
                return true;
            case MaxTimeText:
                milliseconds = MaxTime;
                return true;
            default:
                error = $"cannot parse {LabelText.Quote(text)} to a valid timestamp";
                return false;
        }
    }

    /// <summary>Reads a duration in nanoseconds: seconds as a float, or PromQL's form.</summary>
    public static bool TryDuration(string text, out long nanoseconds, out string error)
    {
        error = string.Empty;
        nanoseconds = 0;
        if (GoNumber.TryParseFloat(text, out var seconds))
        {
            var exact = seconds * NanosecondsPerSecond;
            if (exact is > long.MaxValue or < long.MinValue)
            {
                error = $"cannot parse {LabelText.Quote(text)} to a valid duration. It overflows int64";
                return false;
            }

            nanoseconds = double.IsNaN(exact) ? long.MinValue : (long)exact;
            return true;
        }

        if (DurationText.TryParse(text, out var milliseconds, out _))
        {
            nanoseconds = milliseconds * 1_000_000;
            return true;
        }

        error = $"cannot parse {LabelText.Quote(text)} to a valid duration";
        return false;
    }

    /// <summary>Reads an integer as Go's Atoi does.</summary>
    public static bool TryInteger(string text, out long value, out string error)
    {
        value = 0;
        error = string.Empty;
        var digits = text.AsSpan(text.Length > 0 && text[0] is '+' or '-' ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            error = $"strconv.Atoi: parsing {LabelText.Quote(text)}: invalid syntax";
            return false;
        }

        if (!long.TryParse(text, out value))
        {
            error = $"strconv.Atoi: parsing {LabelText.Quote(text)}: value out of range";
            return false;
        }

        return true;
    }

    /// <summary>Reads a limit; 0 and an absent one are <see cref="NoLimit"/>.</summary>
    public static bool TryLimit(string text, out int limit, out string error)
    {
        limit = NoLimit;
        error = string.Empty;
        if (text.Length == 0)
        {
            return true;
        }

        if (!TryInteger(text, out var value, out error))
        {
            return false;
        }

        if (value < 0)
        {
            error = "limit must be non-negative";
            return false;
        }

        limit = value == 0 ? NoLimit : (int)Math.Min(value, NoLimit);
        return true;
    }

    private static long FromSeconds(double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            return MinTime;
        }

        var whole = Math.Truncate(seconds);
        if (Math.Abs(whole) >= MaxTime / 1000)
        {
            return whole < 0 ? MinTime : MaxTime;
        }

        return ((long)whole * 1000) + (long)Math.Round((seconds - whole) * 1000, MidpointRounding.AwayFromZero);
    }
}
