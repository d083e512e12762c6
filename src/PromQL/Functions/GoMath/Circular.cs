namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Sine, cosine and tangent by the polynomials of the Cephes library.</summary>
internal static class Circular
{
    /// <summary>Sine of radians.</summary>
    public static double Sin(double x)
    {
        if (x == 0 || !double.IsFinite(x))
        {
            return x == 0 ? x : double.NaN;
        }

        var octant = OctantReduction.Reduce(Math.Abs(x), out var z);
        var y = (octant & 2) != 0 ? CosineSeries(z) : SineSeries(z);
        return (octant > 3) != (x < 0) ? -y : y;
    }

    /// <summary>Cosine of radians.</summary>
    public static double Cos(double x)
    {
        if (!double.IsFinite(x))
        {
            return double.NaN;
        }

        var octant = OctantReduction.Reduce(Math.Abs(x), out var z);
        var y = (octant & 2) != 0 ? SineSeries(z) : CosineSeries(z);
        return octant is 2 or 4 ? -y : y;
    }

    /// <summary>Tangent of radians.</summary>
    public static double Tan(double x)
    {
        if (x == 0 || !double.IsFinite(x))
        {
            return x == 0 ? x : double.NaN;
        }

        var octant = OctantReduction.Reduce(Math.Abs(x), out var z);
        var zz = z * z;
        var y = zz > 1e-14 ? z + (z * (zz * TangentNumerator(zz) / TangentDenominator(zz))) : z;
        if ((octant & 2) != 0)
        {
            y = -1 / y;
        }

        return x < 0 ? -y : y;
    }

    private static double SineSeries(double z)
    {
        var zz = z * z;
        var series = (1.58962301576546568060e-10 * zz) + -2.50507477628578072866e-8;
        series = (series * zz) + 2.75573136213857245213e-6;
        series = (series * zz) + -1.98412698295895385996e-4;
        series = (series * zz) + 8.33333333332211858878e-3;
        series = (series * zz) + -1.66666666666666307295e-1;
        return z + (z * zz * series);
    }

    private static double CosineSeries(double z)
    {
        var zz = z * z;
        var series = (-1.13585365213876817300e-11 * zz) + 2.08757008419747316778e-9;
        series = (series * zz) + -2.75573141792967388112e-7;
        series = (series * zz) + 2.48015872888517045348e-5;
        series = (series * zz) + -1.38888888888730564116e-3;
        series = (series * zz) + 4.16666666666665929218e-2;
        return 1.0 - (0.5 * zz) + (zz * zz * series);
    }

    private static double TangentNumerator(double zz) =>
        (((-1.30936939181383777646e4 * zz) + 1.15351664838587416140e6) * zz) + -1.79565251976484877988e7;

    private static double TangentDenominator(double zz) =>
        ((((((zz + 1.36812963470692954678e4) * zz) + -1.32089234440210967447e6) * zz) + 2.50083801823357915839e7) * zz) + -5.38695755929454629881e7;
}
