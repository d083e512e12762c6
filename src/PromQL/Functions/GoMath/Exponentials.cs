namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Powers of e and of 2.</summary>
internal static class Exponentials
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts, once for each method.
    private const double TaylorLn2High = 0.69314718055966295651160180568695068359375;
    private const double TaylorLn2Low = 0.28235290563031577122588448175013436025525412068e-12;
    private const double RationalLn2High = 6.93147180369123816490e-01;
    private const double RationalLn2Low = 1.90821492927058770002e-10;

    private const double ExpOverflow = 7.09782712893384e+02;
    private const double Exp2Overflow = 1.0239999999999999e+03;
    private const double Exp2Underflow = -1.0740e+03;

    // Below, the answer is zero whatever the remainder.
    private const double LowestScaled = -1100;

    /// <summary>
    /// e to the <paramref name="x"/>: reduction by ln 2 and by 16, a Taylor series of e^r - 1, and four squarings (Shibata's
    /// method). The fused operations are part of the answer; where the processor lacks them they are emulated.
    /// </summary>
    public static double Exp(double x)
    {
        if (!double.IsFinite(x))
        {
            return x == double.NegativeInfinity ? 0 : x;
        }

        if (x > ExpOverflow)
        {
            return double.PositiveInfinity;
        }

        var scaled = Log2E * x;
        if (scaled < LowestScaled)
        {
            return 0;
        }

        var power = Math.Round(scaled);
        var r = Math.FusedMultiplyAdd(-TaylorLn2High, power, x);
        r = Math.FusedMultiplyAdd(-TaylorLn2Low, power, r);
        r *= 0.0625;
        var series = Math.FusedMultiplyAdd(2.4801587301587301587e-5, r, 1.9841269841269841270e-4);
        series = Math.FusedMultiplyAdd(series, r, 1.3888888888888888889e-3);
        series = Math.FusedMultiplyAdd(series, r, 8.3333333333333333333e-3);
        series = Math.FusedMultiplyAdd(series, r, 4.1666666666666666667e-2);
        series = Math.FusedMultiplyAdd(series, r, 1.6666666666666666667e-1);
        series = Math.FusedMultiplyAdd(series, r, 0.5);
        series = Math.FusedMultiplyAdd(series, r, 1);
        r *= series;
        r *= r + 2;
        r *= r + 2;
        r *= r + 2;
        return Scale(Math.FusedMultiplyAdd(r, r + 2, 1), (int)power + BinaryExponent.Bias);
    }

    /// <summary>2 to the <paramref name="x"/>.</summary>
    public static double Exp2(double x)
    {
        if (double.IsNaN(x) || x > Exp2Overflow)
        {
            return double.IsNaN(x) ? x : double.PositiveInfinity;
        }

        if (x < Exp2Underflow)
        {
            return 0;
        }

        var power = x > 0 ? (int)(x + 0.5) : (int)(x - 0.5);
        var rest = x - power;
        return Rational(rest * RationalLn2High, -rest * RationalLn2Low, power);
    }

    private static double Scale(double value, int biased)
    {
        if (biased >= 0x7FF)
        {
            return double.PositiveInfinity;
        }

        if (biased > 0)
        {
            return value * PowerOfTwo(biased);
        }

        return biased < -52 ? 0 : value * PowerOfTwo(biased + BinaryExponent.Bias - 1) * PowerOfTwo(1);
    }

    private static double PowerOfTwo(int biased) => BitConverter.UInt64BitsToDouble((ulong)biased << BinaryExponent.FractionBits);

    // e^(high - low) * 2^power by the rational approximation of FreeBSD's msun.
    private static double Rational(double high, double low, int power)
    {
        var r = high - low;
        var t = r * r;
        var c = r - (t * (1.66666666666666657415e-01 + (t * (-2.77777777770155933842e-03 + (t * (6.61375632143793436117e-05
            + (t * (-1.65339022054652515390e-06 + (t * 4.13813679705723846039e-08)))))))));
        var y = 1 - (low - (r * c / (2 - c)) - high);
        return BinaryExponent.Join(y, power);
    }
}
