using System.Buffers.Text;
using System.Globalization;

namespace Deucalion.Common.Text;

/// <summary>A finite number as decimal digits d1 d2 … dn with its decimal point: 0.d1d2…dn × 10^<see cref="Point"/>.</summary>
internal readonly struct FloatDigits
{
    /// <summary>Room that the shortest form needs while it is parsed.</summary>
    public const int MaxDigits = 32;

    private FloatDigits(bool negative, int count, int point)
    {
        Negative = negative;
        Count = count;
        Point = point;
    }

    /// <summary>Whether a minus stands before it; negative zero has one.</summary>
    public bool Negative { get; }

    /// <summary>Number of significant digits, 1 for zero.</summary>
    public int Count { get; }

    /// <summary>Position of the decimal point relative to the first digit.</summary>
    public int Point { get; }

    /// <summary>Fewest digits that read back to <paramref name="value"/>, written as ASCII.</summary>
    public static FloatDigits Shortest(double value, Span<byte> digits)
    {
        value.TryFormat(digits, out var length, "R", CultureInfo.InvariantCulture);
        return Parse(digits, length);
    }

    /// <summary><paramref name="precision"/> digits, correctly rounded, without trailing zeros.</summary>
    public static FloatDigits Rounded(double value, int precision, Span<byte> digits)
    {
        Span<char> format = stackalloc char[12];
        format[0] = 'E';
        (precision - 1).TryFormat(format[1..], out var formatLength, default, CultureInfo.InvariantCulture);
        value.TryFormat(digits, out var length, format[..(formatLength + 1)], CultureInfo.InvariantCulture);
        return Parse(digits, length);
    }

    /// <summary>Writes it without an exponent.</summary>
    public int WriteFixed(Span<byte> destination, ReadOnlySpan<byte> digits)
    {
        var at = WriteSign(destination);
        if (Point <= 0)
        {
            "0"u8.CopyTo(destination[at..]);
            at++;
        }
        else
        {
            var whole = Math.Min(Point, Count);
            digits[..whole].CopyTo(destination[at..]);
            destination.Slice(at + whole, Point - whole).Fill((byte)'0');
            at += Point;
        }

        if (Count <= Point || (Count == 1 && digits[0] == '0'))
        {
            return at;
        }

        destination[at++] = (byte)'.';
        if (Point < 0)
        {
            destination.Slice(at, -Point).Fill((byte)'0');
            at -= Point;
        }

        var rest = digits[Math.Max(Point, 0)..Count];
        rest.CopyTo(destination[at..]);
        return at + rest.Length;
    }

    /// <summary>Writes it with an exponent of at least two digits.</summary>
    public int WriteExponent(Span<byte> destination, ReadOnlySpan<byte> digits)
    {
        var at = WriteSign(destination);
        destination[at++] = digits[0];
        if (Count > 1)
        {
            destination[at++] = (byte)'.';
            digits[1..Count].CopyTo(destination[at..]);
            at += Count - 1;
        }

        var exponent = digits[0] == '0' ? 0 : Point - 1;
        destination[at++] = (byte)'e';
        destination[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        exponent = Math.Abs(exponent);
        if (exponent < 10)
        {
            destination[at++] = (byte)'0';
        }

        Utf8Formatter.TryFormat(exponent, destination[at..], out var written);
        return at + written;
    }

    private int WriteSign(Span<byte> destination)
    {
        if (Negative)
        {
            destination[0] = (byte)'-';
            return 1;
        }

        return 0;
    }

    // Turns [-]ddd[.ddd][E±xx] in the buffer into bare digits at its start.
    private static FloatDigits Parse(Span<byte> text, int length)
    {
        var negative = text[0] == '-';
        var count = 0;
        var point = -1;
        var exponent = 0;
        for (var i = negative ? 1 : 0; i < length; i++)
        {
            var c = text[i];
            if (c == '.')
            {
                point = count;
            }
            else if (c == 'E')
            {
                point = point < 0 ? count : point;
                var skip = text[i + 1] == '+' ? 2 : 1;
                exponent = int.Parse(text[(i + skip)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            else
            {
                text[count++] = c;
            }
        }

        point = (point < 0 ? count : point) + exponent;
        var zeros = text[..count].IndexOfAnyExcept((byte)'0');
        if (zeros < 0)
        {
            return new FloatDigits(negative, 1, 1);
        }

        if (zeros > 0)
        {
            text[zeros..count].CopyTo(text);
            count -= zeros;
            point -= zeros;
        }

        while (text[count - 1] == '0')
        {
            count--;
        }

        return new FloatDigits(negative, count, point);
    }
}
