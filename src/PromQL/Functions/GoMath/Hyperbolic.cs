namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Hyperbolic functions: exponentials, and rational approximations near zero.</summary>
internal static class Hyperbolic
{
    // From here on the smaller exponential does not count.
    private const double Large = 21;
    private const double TanhLimit = 0.5 * 8.8029691931113054295988e+01;

    /// <summary>Hyperbolic sine (Hart and Cheney 2029 near zero).</summary>
    public static double Sinh(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > 0.5)
        {
            var exp = Exponentials.Exp(magnitude);
            var sinh = (magnitude > Large ? exp : exp - (1 / exp)) * 0.5;
            return x < 0 ? -sinh : sinh;
        }

        var square = x * x;
        var numerator = (-0.2630563213397497062819489e+2 * square) + -0.2894211355989563807284660366e+4;
        numerator = (numerator * square) + -0.8991272022039509355398013511e+5;
        numerator = (numerator * square) + -0.6307673640497716991184787251e+6;
        var denominator = ((square + -0.173678953558233699533450911e+3) * square) + 0.1521517378790019070696485176e+5;
        denominator = (denominator * square) + -0.6307673640497716991212077277e+6;
        return numerator * x / denominator;
    }

    /// <summary>Hyperbolic cosine.</summary>
    public static double Cosh(double x)
    {
        var magnitude = Math.Abs(x);
        var exp = Exponentials.Exp(magnitude);
        return (magnitude > Large ? exp : exp + (1 / exp)) * 0.5;
    }

    /// <summary>Hyperbolic tangent (Cephes).</summary>
    public static double Tanh(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > TanhLimit)
        {
            return x < 0 ? -1 : 1;
        }

        if (magnitude >= 0.625)
        {
            var tanh = 1 - (2 / (Exponentials.Exp(2 * magnitude) + 1));
            return x < 0 ? -tanh : tanh;
        }

        if (x == 0)
        {
            return x;
        }

        var square = x * x;
        var numerator = (((-9.64399179425052238628E-1 * square) + -9.92877231001918586564E1) * square) + -1.61468768441708447952E3;
        var denominator = ((((square + 1.12811678491632931402E2) * square) + 2.23548839060100448583E3) * square) + 4.84406305325125486048E3;
        return x + (x * square * numerator / denominator);
    }
}
