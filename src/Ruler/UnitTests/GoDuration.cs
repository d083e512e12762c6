using System.Globalization;

namespace Deucalion.Ruler.UnitTests;

/// <summary>Durations as Go prints them: <c>1h0m0s</c>.</summary>
internal static class GoDuration
{
    public static string Format(long milliseconds)
    {
        if (milliseconds == 0)
        {
            return "0s";
        }

        var sign = milliseconds < 0 ? "-" : string.Empty;
        var rest = Math.Abs(milliseconds);
        if (rest < 1000)
        {
            return $"{sign}{rest}ms";
        }

        var seconds = (rest % 60_000 / 1000.0).ToString("0.###", CultureInfo.InvariantCulture) + "s";
        var minutes = rest / 60_000;
        return sign + (minutes == 0 ? seconds : minutes < 60 ? $"{minutes}m{seconds}" : $"{minutes / 60}h{minutes % 60}m{seconds}");
    }
}
