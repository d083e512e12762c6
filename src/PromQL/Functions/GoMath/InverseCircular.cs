namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Arc functions, all of them through the arctangent of the Cephes library.</summary>
internal static class InverseCircular
{
    private const double HalfPi = Math.PI / 2;

    // What HalfPi lacks.
    private const double HalfPiRest = 6.123233995736765886130e-17;
    private const double TangentOfThreeEighthsPi = 2.41421356237309504880;

    /// <summary>Arcsine in radians.</summary>
    public static double Asin(double x)
    {
        if (x == 0)
        {
            return x;
        }

        var magnitude = Math.Abs(x);
        if (!(magnitude <= 1))
        {
            return double.NaN;
        }

        var root = Math.Sqrt(1 - (magnitude * magnitude));
        var angle = magnitude > 0.7 ? HalfPi - Positive(root / magnitude) : Positive(magnitude / root);
        return x < 0 ? -angle : angle;
    }

    /// <summary>Arccosine in radians.</summary>
    public static double Acos(double x) => HalfPi - Asin(x);

    /// <summary>Arctangent in radians.</summary>
    public static double Atan(double x) => x == 0 ? x : x > 0 ? Positive(x) : -Positive(-x);

    /// <summary>Angle in radians of the point (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public static double Atan2(double y, double x)
    {
        if (double.IsNaN(y) || double.IsNaN(x))
        {
            return double.NaN;
        }

        if (y == 0)
        {
            return Math.CopySign(double.IsNegative(x) ? Math.PI : 0, y);
        }

        if (x == 0)
        {
            return Math.CopySign(HalfPi, y);
        }

        if (double.IsInfinity(x))
        {
            return double.IsInfinity(y)
                ? Math.CopySign(x > 0 ? Math.PI / 4 : 3 * Math.PI / 4, y)
                : Math.CopySign(x > 0 ? 0 : Math.PI, y);
        }

        if (double.IsInfinity(y))
        {
            return Math.CopySign(HalfPi, y);
        }

        var angle = Atan(y / x);
        return x < 0 ? (angle <= 0 ? angle + Math.PI : angle - Math.PI) : angle;
    }

    private static double Positive(double x)
    {
        if (x <= 0.66)
        {
            return Series(x);
        }

        return x > TangentOfThreeEighthsPi
            ? HalfPi - Series(1 / x) + HalfPiRest
            : (Math.PI / 4) + Series((x - 1) / (x + 1)) + (0.5 * HalfPiRest);
    }

    private static double Series(double x)
    {
        var z = x * x;
        var numerator = (-8.750608600031904122785e-01 * z) + -1.615753718733365076637e+01;
        numerator = (numerator * z) + -7.500855792314704667340e+01;
        numerator = (numerator * z) + -1.228866684490136173410e+02;
        numerator = (numerator * z) + -6.485021904942025371773e+01;
        var denominator = ((z + 2.485846490142306297962e+01) * z) + 1.650270098316988542046e+02;
        denominator = (denominator * z) + 4.328810604912902668951e+02;
        denominator = (denominator * z) + 4.853903996359136964868e+02;
        denominator = (denominator * z) + 1.945506571482613964425e+02;
        return (x * (z * numerator / denominator)) + x;
    }
}
