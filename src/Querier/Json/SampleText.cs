using System.Buffers.Text;
using Deucalion.Common.Text;

namespace Deucalion.Querier.Json;

/// <summary>Times and values of samples as ASCII: the inner loop of every answer, so nothing here allocates.</summary>
internal static class SampleText
{
    /// <summary>Bytes that suffice for <see cref="WriteTime"/>.</summary>
    public const int MaxTimeLength = 24;

    /// <summary>Bytes that suffice for <see cref="WriteValue"/> and <see cref="WriteJsonFloat"/>.</summary>
    public const int MaxFloatLength = GoFloat.MaxShortLength;

    // A quotient of an integer below 10^15 and a power of ten is the only decimal of at most 15 digits with that double, hence the shortest.
    private const double MaxShortDecimal = 1e15;

    // All integers up to here are distinct doubles.
    private const double MaxExactInteger = 1L << 53;

    /// <summary>Writes Unix milliseconds as seconds: three decimals, or none where the milliseconds are zero.</summary>
    public static int WriteTime(Span<byte> destination, long milliseconds)
    {
        var (seconds, rest) = Math.DivRem(milliseconds, 1000);
        var at = 0;
        if (milliseconds < 0)
        {
            destination[at++] = (byte)'-';
            seconds = -seconds;
            rest = -rest;
        }

        Utf8Formatter.TryFormat(seconds, destination[at..], out var written);
        at += written;
        return rest == 0 ? at : at + WriteThousandths(destination[at..], (int)rest);
    }

    /// <summary>Writes a sample's value as the API prints it, without quotes.</summary>
    public static int WriteValue(Span<byte> destination, double value)
    {
        var magnitude = Math.Abs(value);
        if (magnitude < MaxExactInteger && value == (long)value)
        {
            return WriteInteger(destination, value);
        }

        // Values with at most three decimals are common (seconds, ratios, money) and need no search for the shortest digits.
        var scaled = Math.Round(value * 1000);
        return Math.Abs(scaled) < MaxShortDecimal && magnitude >= 1e-3 && scaled / 1000 == value
            ? WriteScaled(destination, (long)scaled)
            : GoFloat.WriteApi(destination, value);
    }

    /// <summary>Writes a float as Go's encoding/json does: like a sample's value, but one digit of a small negative exponent.</summary>
    public static int WriteJsonFloat(Span<byte> destination, double value)
    {
        var length = WriteValue(destination, value);
        if (length >= 4 && destination[length - 4] == 'e' && destination[length - 3] == '-' && destination[length - 2] == '0')
        {
            destination[length - 2] = destination[length - 1];
            length--;
        }

        return length;
    }

    private static int WriteInteger(Span<byte> destination, double value)
    {
        if (value == 0 && double.IsNegative(value))
        {
            "-0"u8.CopyTo(destination);
            return 2;
        }

        Utf8Formatter.TryFormat((long)value, destination, out var written);
        return written;
    }

    private static int WriteScaled(Span<byte> destination, long thousandths)
    {
        var at = 0;
        if (thousandths < 0)
        {
            destination[at++] = (byte)'-';
            thousandths = -thousandths;
        }

        var (whole, rest) = Math.DivRem(thousandths, 1000);
        Utf8Formatter.TryFormat(whole, destination[at..], out var written);
        at += written;
        at += WriteThousandths(destination[at..], (int)rest);
        while (destination[at - 1] == '0')
        {
            at--;
        }

        return at;
    }

    private static int WriteThousandths(Span<byte> destination, int rest)
    {
        destination[3] = (byte)('0' + (rest % 10));
        destination[2] = (byte)('0' + (rest / 10 % 10));
        destination[1] = (byte)('0' + (rest / 100));
        destination[0] = (byte)'.';
        return 4;
    }
}
