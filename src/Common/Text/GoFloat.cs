using System.Globalization;
using System.Text;

namespace Deucalion.Common.Text;

/// <summary>
/// Text of floating-point numbers as Go prints them, with the fewest digits that read back to the same value. The span writers
/// emit ASCII, do not allocate, and throw <see cref="ArgumentException"/> where the destination is too short.
/// </summary>
public static class GoFloat
{
    /// <summary>Bytes that suffice for <see cref="WriteApi"/>, <see cref="WriteGeneral"/> and <see cref="WriteExponent"/>.</summary>
    public const int MaxShortLength = 32;

    /// <summary>Bytes that suffice for <see cref="WriteFixed"/>.</summary>
    public const int MaxFixedLength = 352;

    // With shortest precision Go decides as if the precision were 6.
    private const int GeneralExponentLimit = 6;

    /// <summary>The form of sample values in the HTTP API: no exponent for 0 and magnitudes in [1e-6, 1e21), else one of at least two digits.</summary>
    public static int WriteApi(Span<byte> destination, double value)
    {
        var magnitude = Math.Abs(value);
        return magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21)
            ? WriteFixed(destination, value)
            : WriteExponent(destination, value);
    }

    /// <summary>Go's 'f' with shortest precision: never an exponent.</summary>
    public static int WriteFixed(Span<byte> destination, double value)
    {
        if (WriteSpecial(destination, value, out var written))
        {
            return written;
        }

        Span<byte> digits = stackalloc byte[FloatDigits.MaxDigits];
        return FloatDigits.Shortest(value, digits).WriteFixed(destination, digits);
    }

    /// <summary>Go's 'e' with shortest precision: always an exponent of at least two digits.</summary>
    public static int WriteExponent(Span<byte> destination, double value)
    {
        if (WriteSpecial(destination, value, out var written))
        {
            return written;
        }

        Span<byte> digits = stackalloc byte[FloatDigits.MaxDigits];
        return FloatDigits.Shortest(value, digits).WriteExponent(destination, digits);
    }

    /// <summary>Go's %v and %g: an exponent where it is below -4 or at least 6.</summary>
    public static int WriteGeneral(Span<byte> destination, double value)
    {
        if (WriteSpecial(destination, value, out var written))
        {
            return written;
        }

        Span<byte> digits = stackalloc byte[FloatDigits.MaxDigits];
        var number = FloatDigits.Shortest(value, digits);
        var exponent = number.Point - 1;
        return exponent is < -4 or >= GeneralExponentLimit ? number.WriteExponent(destination, digits) : number.WriteFixed(destination, digits);
    }

    /// <summary><see cref="WriteApi"/> as a string.</summary>
    public static string FormatApi(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxShortLength];
        return Encoding.ASCII.GetString(buffer[..WriteApi(buffer, value)]);
    }

    /// <summary><see cref="WriteFixed"/> as a string.</summary>
    public static string FormatFixed(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxFixedLength];
        return Encoding.ASCII.GetString(buffer[..WriteFixed(buffer, value)]);
    }

    /// <summary><see cref="WriteExponent"/> as a string.</summary>
    public static string FormatExponent(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxShortLength];
        return Encoding.ASCII.GetString(buffer[..WriteExponent(buffer, value)]);
    }

    /// <summary><see cref="WriteGeneral"/> as a string.</summary>
    public static string FormatGeneral(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxShortLength];
        return Encoding.ASCII.GetString(buffer[..WriteGeneral(buffer, value)]);
    }

    /// <summary>Go's %.<paramref name="precision"/>g: that many significant digits, trailing zeros removed.</summary>
    public static string FormatGeneral(double value, int precision)
    {
        Span<byte> buffer = stackalloc byte[MaxFixedLength];
        if (WriteSpecial(buffer, value, out var written))
        {
            return Encoding.ASCII.GetString(buffer[..written]);
        }

        precision = Math.Max(1, precision);
        Span<byte> digits = stackalloc byte[Math.Max(FloatDigits.MaxDigits, precision + 8)];
        var number = FloatDigits.Rounded(value, precision, digits);
        var exponent = number.Point - 1;
        written = exponent < -4 || exponent >= precision ? number.WriteExponent(buffer, digits) : number.WriteFixed(buffer, digits);
        return Encoding.ASCII.GetString(buffer[..written]);
    }

    /// <summary>Go's %.<paramref name="decimals"/>f; %f has 6.</summary>
    public static string FormatDecimals(double value, int decimals)
    {
        Span<byte> buffer = stackalloc byte[MaxShortLength];
        return WriteSpecial(buffer, value, out var written)
            ? Encoding.ASCII.GetString(buffer[..written])
            : value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static bool WriteSpecial(Span<byte> destination, double value, out int written)
    {
        written = 0;
        if (double.IsFinite(value))
        {
            return false;
        }

        var text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
        text.CopyTo(destination);
        written = text.Length;
        return true;
    }
}
