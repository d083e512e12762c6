namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Logarithm of numbers near one.</summary>
internal static class LogOnePlus
{
    private const double Sqrt2Less1 = 4.142135623730950488017e-01;
    private const double HalfSqrt2Less1 = -2.928932188134524755992e-01;
    private const double Small = 1.0 / (1 << 29);
    private const double Tiny = 1.0 / (1L << 54);
    private const double TwoTo53 = 1L << 53;
    private const ulong Sqrt2Fraction = 0x0006A09E667F3BCD;

    /// <summary>Natural logarithm of 1 + <paramref name="x"/> by the method of FreeBSD's msun.</summary>
    public static double Log1p(double x)
    {
        if (x < -1 || double.IsNaN(x))
        {
            return double.NaN;
        }

        if (x == -1 || x == double.PositiveInfinity)
        {
            return x < 0 ? double.NegativeInfinity : x;
        }

        var magnitude = Math.Abs(x);
        if (magnitude < Small)
        {
            return magnitude < Tiny ? x : x - (x * x * 0.5);
        }

        return magnitude < Sqrt2Less1 && x > HalfSqrt2Less1 ? Near(x) : Reduced(x, magnitude);
    }

    private static double Near(double f)
    {
        var half = 0.5 * f * f;
        var s = f / (2.0 + f);
        return f - (half - (s * (half + Series(s * s))));
    }

    private static double Reduced(double x, double magnitude)
    {
        var u = magnitude < TwoTo53 ? 1.0 + x : x;
        var bits = BitConverter.DoubleToUInt64Bits(u);
        var power = (int)(bits >> BinaryExponent.FractionBits) - BinaryExponent.Bias;
        var correction = magnitude >= TwoTo53 ? 0 : (power > 0 ? 1.0 - (u - x) : x - (u - 1.0)) / u;
        var fraction = bits & BinaryExponent.FractionMask;
        var biased = (ulong)BinaryExponent.Bias;
        var distance = fraction;
        if (fraction >= Sqrt2Fraction)
        {
            power++;
            biased--;
            distance = ((1UL << BinaryExponent.FractionBits) - fraction) >> 2;
        }

        var f = BitConverter.UInt64BitsToDouble(fraction | (biased << BinaryExponent.FractionBits)) - 1.0;
        double k = power;
        var half = 0.5 * f * f;
        if (distance == 0)
        {
            return VeryNear(f, half, k, correction);
        }

        var s = f / (2.0 + f);
        var product = s * (half + Series(s * s));
        return power == 0 ? f - (half - product) : (k * Logarithms.Ln2High) - (half - (product + ((k * Logarithms.Ln2Low) + correction)) - f);
    }

    private static double VeryNear(double f, double half, double k, double correction)
    {
        if (f == 0)
        {
            return k == 0 ? 0 : (k * Logarithms.Ln2High) + (correction + (k * Logarithms.Ln2Low));
        }

        var r = half * (1.0 - (0.66666666666666666 * f));
        return k == 0 ? f - r : (k * Logarithms.Ln2High) - (r - ((k * Logarithms.Ln2Low) + correction) - f);
    }

    private static double Series(double z) => z * (Logarithms.L1 + (z * (Logarithms.L2 + (z * (Logarithms.L3 + (z * (Logarithms.L4
        + (z * (Logarithms.L5 + (z * (Logarithms.L6 + (z * Logarithms.L7))))))))))));
}
