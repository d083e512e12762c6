using System.Buffers;
using System.Globalization;

namespace Deucalion.Common.Text;

/// <summary>Why a number could not be read.</summary>
public enum NumberError
{
    /// <summary>It was read.</summary>
    None,

    /// <summary>The text is no number.</summary>
    Syntax,

    /// <summary>The value does not fit.</summary>
    Range,
}

/// <summary>Numbers in Go's syntax, as strconv reads them.</summary>
public static class GoNumber
{
    private static readonly SearchValues<char> ExponentCharacters = SearchValues.Create("0123456789_");

    /// <summary>
    /// Reads a floating-point number as strconv.ParseFloat does: decimal, hexadecimal with a binary exponent, underscores between
    /// digits, <c>inf</c>, <c>infinity</c> and <c>nan</c> in any case. Out of range gives an infinity and <see cref="NumberError.Range"/>.
    /// </summary>
    public static NumberError ParseFloat(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        var at = 0;
        var negative = false;
        if (text.Length > 0 && text[0] is '+' or '-')
        {
            negative = text[0] == '-';
            at = 1;
        }

        var body = text[at..];
        if (body.Equals("inf", StringComparison.OrdinalIgnoreCase) || body.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            value = negative ? double.NegativeInfinity : double.PositiveInfinity;
            return NumberError.None;
        }

        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = double.NaN;
            return NumberError.None;
        }

        if (body.Contains('_') && !UnderscoresAllowed(body))
        {
            return NumberError.Syntax;
        }

        var isHex = body.Length > 2 && body[0] == '0' && (body[1] | 0x20) == 'x';
        var error = isHex ? HexFloat.Parse(body[2..], out value) : ParseDecimal(body, out value);
        value = negative ? -value : value;
        return error;
    }

    /// <summary>Reads a float; false where <see cref="ParseFloat"/> reports an error.</summary>
    public static bool TryParseFloat(ReadOnlySpan<char> text, out double value) => ParseFloat(text, out value) == NumberError.None;

    /// <summary>Reads an integer as strconv.ParseInt with base 0 does: 0x, 0o, 0b and leading-zero octal, underscores.</summary>
    public static NumberError ParseInt(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == '-';
        var body = text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;
        if (body.IsEmpty || (body.Contains('_') && !UnderscoresAllowed(body)))
        {
            return NumberError.Syntax;
        }

        var radix = 10UL;
        if (body[0] == '0' && body.Length > 1)
        {
            (radix, var skip) = (body[1] | 0x20) switch
            {
                'x' => (16UL, 2),
                'o' => (8UL, 2),
                'b' => (2UL, 2),
                _ => (8UL, 1),
            };
            body = body[skip..];
            if (body.IsEmpty)
            {
                return NumberError.Syntax;
            }
        }

        var magnitude = default(UInt128);
        var limit = negative ? 1UL << 63 : (1UL << 63) - 1;
        foreach (var c in body)
        {
            if (c == '_')
            {
                continue;
            }

            var digit = char.IsAsciiHexDigit(c) ? (ulong)Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                return NumberError.Syntax;
            }

            magnitude = magnitude > limit ? magnitude : (magnitude * radix) + digit;
        }

        if (magnitude > limit)
        {
            value = negative ? long.MinValue : long.MaxValue;
            return NumberError.Range;
        }

        value = negative ? unchecked(-(long)(ulong)magnitude) : (long)(ulong)magnitude;
        return NumberError.None;
    }

    private static NumberError ParseDecimal(ReadOnlySpan<char> body, out double value)
    {
        value = 0;
        if (!IsDecimalSyntax(body))
        {
            return NumberError.Syntax;
        }

        if (body.Contains('_'))
        {
            body = body.ToString().Replace("_", string.Empty, StringComparison.Ordinal);
        }

        value = double.Parse(body, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        return double.IsInfinity(value) ? NumberError.Range : NumberError.None;
    }

    private static bool IsDecimalSyntax(ReadOnlySpan<char> body)
    {
        var i = 0;
        var digits = 0;
        var dot = false;
        for (; i < body.Length; i++)
        {
            if (char.IsAsciiDigit(body[i]))
            {
                digits++;
            }
            else if (body[i] == '.' && !dot)
            {
                dot = true;
            }
            else if (body[i] != '_')
            {
                break;
            }
        }

        if (digits == 0)
        {
            return false;
        }

        if (i == body.Length)
        {
            return true;
        }

        if ((body[i] | 0x20) != 'e')
        {
            return false;
        }

        i++;
        i += i < body.Length && body[i] is '+' or '-' ? 1 : 0;
        return i < body.Length && char.IsAsciiDigit(body[i]) && body[i..].IndexOfAnyExcept(ExponentCharacters) < 0;
    }

    // Underscores stand only between digits, or between a base prefix and a digit.
    private static bool UnderscoresAllowed(ReadOnlySpan<char> body)
    {
        var before = '^';
        var i = 0;
        var hex = false;
        if (body.Length >= 2 && body[0] == '0' && (body[1] | 0x20) is 'b' or 'o' or 'x')
        {
            i = 2;
            before = '0';
            hex = (body[1] | 0x20) == 'x';
        }

        for (; i < body.Length; i++)
        {
            var c = body[i];
            if (char.IsAsciiDigit(c) || (hex && char.IsAsciiHexDigit(c)))
            {
                before = '0';
            }
            else if (c == '_')
            {
                if (before != '0')
                {
                    return false;
                }

                before = '_';
            }
            else
            {
                if (before == '_')
                {
                    return false;
                }

                before = '!';
            }
        }

        return before != '_';
    }
}
