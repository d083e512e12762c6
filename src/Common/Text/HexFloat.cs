using System.Numerics;

namespace Deucalion.Common.Text;

/// <summary>Hexadecimal floating-point text: <c>h.hhp±d</c> after the prefix, correctly rounded to even.</summary>
internal static class HexFloat
{
    public static NumberError Parse(ReadOnlySpan<char> body, out double value)
    {
        value = 0;
        var mantissa = BigInteger.Zero;
        var scale = 0L;
        var digits = 0;
        var dot = false;
        var i = 0;
        for (; i < body.Length; i++)
        {
            var c = body[i];
            if (char.IsAsciiHexDigit(c))
            {
                mantissa = (mantissa << 4) + Convert.ToInt32(c.ToString(), 16);
                scale -= dot ? 4 : 0;
                digits++;
            }
            else if (c == '.' && !dot)
            {
                dot = true;
            }
            else if (c != '_')
            {
                break;
            }
        }

        if (digits == 0 || i >= body.Length || (body[i] | 0x20) != 'p')
        {
            return NumberError.Syntax;
        }

        i++;
        var negative = i < body.Length && body[i] == '-';
        i += i < body.Length && body[i] is '+' or '-' ? 1 : 0;
        if (i >= body.Length || !char.IsAsciiDigit(body[i]))
        {
            return NumberError.Syntax;
        }

        var exponent = 0L;
        for (; i < body.Length; i++)
        {
            if (body[i] == '_')
            {
                continue;
            }

            if (!char.IsAsciiDigit(body[i]))
            {
                return NumberError.Syntax;
            }

            exponent = Math.Min((exponent * 10) + (body[i] - '0'), 1_000_000_000);
        }

        value = Scale(mantissa, scale + (negative ? -exponent : exponent));
        return double.IsInfinity(value) ? NumberError.Range : NumberError.None;
    }

    private static double Scale(BigInteger mantissa, long exponent)
    {
        if (mantissa.IsZero)
        {
            return 0;
        }

        // Keep 53 bits, or fewer where the result is subnormal, and round the rest to even.
        var bits = (long)mantissa.GetBitLength();
        var drop = Math.Max(bits - 53, -1074 - exponent);
        if (drop > bits + 1)
        {
            return 0;
        }

        if (drop > 0)
        {
            var shift = (int)drop;
            var half = BigInteger.One << (shift - 1);
            var rest = mantissa & ((BigInteger.One << shift) - 1);
            mantissa >>= shift;
            exponent += shift;
            if (rest > half || (rest == half && !mantissa.IsEven))
            {
                mantissa += 1;
            }
        }

        return exponent + bits > 2200 ? double.PositiveInfinity : Math.ScaleB((double)mantissa, (int)exponent);
    }
}
