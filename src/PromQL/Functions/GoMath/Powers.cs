namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Powers of arbitrary bases.</summary>
internal static class Powers
{
    private const double TwoTo53 = 1L << 53;
    private const double TwoTo63 = 9223372036854775808.0;

    // Past this exponent only over- or underflow can follow, before the exponent itself overflows.
    private const int ExponentLimit = 1 << 12;

    /// <summary>
    /// <paramref name="x"/> to the <paramref name="y"/>: the nearest integer power by repeated squaring, the rest through the
    /// exponential of the logarithm.
    /// </summary>
    public static double Pow(double x, double y)
    {
        if (y == 0 || x == 1)
        {
            return 1;
        }

        if (y == 1)
        {
            return x;
        }

        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return double.NaN;
        }

        if (x == 0)
        {
            var zero = double.IsNegative(x) && IsOddInteger(y) ? x : 0;
            return y < 0 ? 1 / zero : zero;
        }

        if (double.IsInfinity(y))
        {
            return Limit(x, y);
        }

        if (double.IsInfinity(x))
        {
            return x < 0 ? Pow(1 / x, -y) : y < 0 ? 0 : x;
        }

        return y == 0.5 ? Math.Sqrt(x) : y == -0.5 ? 1 / Math.Sqrt(x) : Finite(x, y);
    }

    private static double Finite(double x, double y)
    {
        var whole = Math.Truncate(Math.Abs(y));
        var part = Math.Abs(y) - whole;
        if (part != 0 && x < 0)
        {
            return double.NaN;
        }

        if (whole >= TwoTo63)
        {
            return Limit(x, y);
        }

        var result = 1.0;
        if (part != 0)
        {
            if (part > 0.5)
            {
                part--;
                whole++;
            }

            result = Exponentials.Exp(part * Logarithms.Log(x));
        }

        var fraction = BinaryExponent.Split(x, out var exponent);
        var total = 0L;
        for (var rest = (long)whole; rest != 0; rest >>= 1)
        {
            if (exponent is < -ExponentLimit or > ExponentLimit)
            {
                total += exponent;
                break;
            }

            if ((rest & 1) != 0)
            {
                result *= fraction;
                total += exponent;
            }

            fraction *= fraction;
            exponent <<= 1;
            if (fraction < 0.5)
            {
                fraction += fraction;
                exponent--;
            }
        }

        return y < 0 ? BinaryExponent.Join(1 / result, -total) : BinaryExponent.Join(result, total);
    }

    // The power for an exponent that is infinite, or so great that it is even and decides alone.
    private static double Limit(double x, double y) =>
        x == -1 ? 1 : Math.Abs(x) < 1 == y > 0 ? 0 : double.PositiveInfinity;

    private static bool IsOddInteger(double y) =>
        Math.Abs(y) < TwoTo53 && Math.Truncate(y) == y && ((long)y & 1) != 0;
}
