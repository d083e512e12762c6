using System.Globalization;
using Deucalion.Common.Text;

namespace Deucalion.Ruler.Templates;

/// <summary>Numbers for people, as Prometheus's template functions write them.</summary>
internal static class Humanize
{
    private const int Digits = 4;
    private static readonly string[] Large = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    private static readonly string[] Small = ["m", "u", "n", "p", "f", "a", "z", "y"];
    private static readonly string[] Binary = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

    public static string Decimal(double v)
    {
        if (v == 0 || !double.IsFinite(v))
        {
            return Short(v);
        }

        var prefix = Math.Abs(v) >= 1 ? Divide(ref v, 1000, Large) : Multiply(ref v);
        return Short(v) + prefix;
    }

    public static string Powers1024(double v)
    {
        if (Math.Abs(v) <= 1 || !double.IsFinite(v))
        {
            return Short(v);
        }

        var prefix = Divide(ref v, 1024, Binary);
        return Short(v) + prefix;
    }

    public static string Percentage(double v) => Short(v * 100) + "%";

    public static string Duration(double v)
    {
        if (!double.IsFinite(v))
        {
            return Short(v);
        }

        if (v == 0)
        {
            return "0s";
        }

        if (Math.Abs(v) < 1)
        {
            var prefix = Multiply(ref v);
            return Short(v) + prefix + "s";
        }

        var sign = v < 0 ? "-" : string.Empty;
        v = Math.Abs(v);
        var seconds = (long)v;
        var (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
        var rest = seconds % 60;
        return days != 0 ? $"{sign}{days}d {hours}h {minutes}m {rest}s"
            : hours != 0 ? $"{sign}{hours}h {minutes}m {rest}s"
            : minutes != 0 ? $"{sign}{minutes}m {rest}s"
            : $"{sign}{Short(v)}s";
    }

    public static string Timestamp(double v)
    {
        if (!double.IsFinite(v))
        {
            return Short(v);
        }

        // Ticks of 100 ns are the finest that a date holds; a double of this size has no more.
        var time = DateTime.UnixEpoch.AddTicks((long)(v * TimeSpan.TicksPerSecond));
        var fraction = (time.Ticks % TimeSpan.TicksPerSecond).ToString("D7", CultureInfo.InvariantCulture).TrimEnd('0');
        return time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + (fraction.Length > 0 ? "." + fraction : string.Empty) + " +0000 UTC";
    }

    private static string Short(double v) => GoFloat.FormatGeneral(v, Digits);

    private static string Divide(ref double v, double by, string[] prefixes)
    {
        var prefix = string.Empty;
        foreach (var p in prefixes)
        {
            if (Math.Abs(v) < by)
            {
                break;
            }

            prefix = p;
            v /= by;
        }

        return prefix;
    }

    private static string Multiply(ref double v)
    {
        var prefix = string.Empty;
        foreach (var p in Small)
        {
            if (Math.Abs(v) >= 1)
            {
                break;
            }

            prefix = p;
            v *= 1000;
        }

        return prefix;
    }
}
