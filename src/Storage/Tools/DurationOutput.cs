using System.Globalization;
using System.Text;

namespace Deucalion.Storage.Tools;

/// <summary>Durations as Go prints them: <c>2h0m0s</c>, <c>15.124s</c>, <c>1ms</c>.</summary>
internal static class DurationOutput
{
    public static string Format(long milliseconds)
    {
        if (Math.Abs(milliseconds) < 1000)
        {
            return milliseconds == 0 ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        }

        var text = new StringBuilder(milliseconds < 0 ? "-" : string.Empty);
        var left = Math.Abs(milliseconds);
        var hours = left / 3_600_000;
        var minutes = left / 60_000 % 60;
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        return text.Append((left % 60_000 / 1000m).ToString("0.###", CultureInfo.InvariantCulture)).Append('s').ToString();
    }
}
