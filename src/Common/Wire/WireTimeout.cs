using System.Globalization;

namespace Deucalion.Common.Wire;

/// <summary>Header <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
internal static class WireTimeout
{
    private const long LargestNumber = 99_999_999;

    /// <summary>Rounded up, so that the server does not stop before the client; what is too long to write is written as the longest.</summary>
    public static string Format(TimeSpan timeout)
    {
        ReadOnlySpan<(char Unit, long Ticks)> units =
        [
            ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond), ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
        ];
        var ticks = Math.Max(timeout.Ticks, 0);
        foreach (var (unit, size) in units)
        {
            var number = (ticks / size) + (ticks % size == 0 ? 0 : 1);
            if (number <= LargestNumber)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }

        return $"{LargestNumber}H";
    }

    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var ticks = text[^1] switch
        {
            'n' => (number + 99) / 100,
            'u' => number * TimeSpan.TicksPerMicrosecond,
            'm' => number * TimeSpan.TicksPerMillisecond,
            'S' => number * TimeSpan.TicksPerSecond,
            'M' => number * TimeSpan.TicksPerMinute,
            'H' => number * TimeSpan.TicksPerHour,
            _ => -1,
        };
        timeout = TimeSpan.FromTicks(ticks);
        return ticks >= 0;
    }
}
