namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Inverse hyperbolic functions by the formulas of FreeBSD's msun.</summary>
internal static class InverseHyperbolic
{
    private const double Ln2 = 6.93147180559945286227e-01;
    private const double NearZero = 1.0 / (1 << 28);
    private const double Large = 1 << 28;

    /// <summary>Inverse hyperbolic sine.</summary>
    public static double Asinh(double x)
    {
        var magnitude = Math.Abs(x);
        if (!double.IsFinite(x) || magnitude < NearZero)
        {
            return x;
        }

        var asinh = magnitude > Large ? Logarithms.Log(magnitude) + Ln2
            : magnitude > 2 ? Logarithms.Log((2 * magnitude) + (1 / (Math.Sqrt((magnitude * magnitude) + 1) + magnitude)))
            : LogOnePlus.Log1p(magnitude + (magnitude * magnitude / (1 + Math.Sqrt(1 + (magnitude * magnitude)))));
        return x < 0 ? -asinh : asinh;
    }

    /// <summary>Inverse hyperbolic cosine.</summary>
    public static double Acosh(double x)
    {
        if (x < 1 || double.IsNaN(x))
        {
            return double.NaN;
        }

        if (x == 1)
        {
            return 0;
        }

        if (x >= Large)
        {
            return Logarithms.Log(x) + Ln2;
        }

        if (x > 2)
        {
            return Logarithms.Log((2 * x) - (1 / (x + Math.Sqrt((x * x) - 1))));
        }

        var t = x - 1;
        return LogOnePlus.Log1p(t + Math.Sqrt((2 * t) + (t * t)));
    }

    /// <summary>Inverse hyperbolic tangent.</summary>
    public static double Atanh(double x)
    {
        var magnitude = Math.Abs(x);
        if (!(magnitude <= 1))
        {
            return double.NaN;
        }

        if (magnitude == 1)
        {
            return Math.CopySign(double.PositiveInfinity, x);
        }

        if (magnitude < NearZero)
        {
            return x;
        }

        var twice = magnitude + magnitude;
        var argument = magnitude < 0.5 ? twice + (twice * magnitude / (1 - magnitude)) : twice / (1 - magnitude);
        var atanh = 0.5 * LogOnePlus.Log1p(argument);
        return x < 0 ? -atanh : atanh;
    }
}
