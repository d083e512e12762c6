namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Logarithms by the series of FreeBSD's msun.</summary>
internal static class Logarithms
{
    internal const double Ln2High = 6.93147180369123816490e-01;
    internal const double Ln2Low = 1.90821492927058770002e-10;
    internal const double L1 = 6.666666666666735130e-01;
    internal const double L2 = 3.999999999940941908e-01;
    internal const double L3 = 2.857142874366239149e-01;
    internal const double L4 = 2.222219843214978396e-01;
    internal const double L5 = 1.818357216161805012e-01;
    internal const double L6 = 1.531383769920937332e-01;
    internal const double L7 = 1.479819860511658591e-01;

    private const double HalfSqrt2 = 7.07106781186547524401e-01;
    private const double Log2E = 1.4426950408889634;
    private const double Log10E = 0.4342944819032518;

    /// <summary>Natural logarithm. Subnormal arguments count as if they had the implicit bit, as they do in the reference.</summary>
    public static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        if (bits <= 0)
        {
            return x == 0 ? double.NegativeInfinity : double.NaN;
        }

        if (!double.IsFinite(x))
        {
            return x;
        }

        double k = (int)(bits >> BinaryExponent.FractionBits) - (BinaryExponent.Bias - 1);
        var f = BitConverter.UInt64BitsToDouble(((ulong)bits & BinaryExponent.FractionMask) | ((ulong)(BinaryExponent.Bias - 1) << BinaryExponent.FractionBits));
        if (f <= HalfSqrt2)
        {
            k--;
            f += f;
        }

        f--;
        var s = f / (2 + f);
        var s2 = s * s;
        var s4 = s2 * s2;
        var odd = s2 * (L1 + (s4 * (L3 + (s4 * (L5 + (s4 * L7))))));
        var even = s4 * (L2 + (s4 * (L4 + (s4 * L6))));
        var half = 0.5 * f * f;
        return (k * Ln2High) - (half - ((s * (half + (odd + even))) + (k * Ln2Low)) - f);
    }

    /// <summary>Logarithm to base 2, exact for powers of two.</summary>
    public static double Log2(double x)
    {
        var fraction = BinaryExponent.Split(x, out var exponent);
        return fraction == 0.5 ? exponent - 1 : (Log(fraction) * Log2E) + exponent;
    }

    /// <summary>Logarithm to base 10.</summary>
    public static double Log10(double x) => Log(x) * Log10E;
}
