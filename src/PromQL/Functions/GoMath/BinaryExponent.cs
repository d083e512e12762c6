namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Splits numbers into fraction and power of two, and joins them.</summary>
internal static class BinaryExponent
{
    /// <summary>Explicit bits of the significand.</summary>
    public const int FractionBits = 52;

    /// <summary>Bias of the exponent field.</summary>
    public const int Bias = 1023;

    /// <summary>Mask of the explicit bits of the significand.</summary>
    public const ulong FractionMask = (1UL << FractionBits) - 1;

    private const int ExponentMask = 0x7FF;
    private const double SmallestNormal = 2.2250738585072014e-308;
    private const double TwoTo52 = 1UL << FractionBits;

    /// <summary>The fraction with magnitude in [0.5, 1) and its power of two; 0, infinities and NaN come back with power 0.</summary>
    public static double Split(double value, out int exponent)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            exponent = 0;
            return value;
        }

        var bits = BitConverter.DoubleToUInt64Bits(Normalized(value, out exponent));
        exponent += Field(bits) - Bias + 1;
        return BitConverter.UInt64BitsToDouble(WithField(bits, Bias - 1));
    }

    /// <summary><paramref name="fraction"/> times two to the <paramref name="exponent"/>, rounded once where the result is subnormal.</summary>
    public static double Join(double fraction, long exponent)
    {
        if (fraction == 0 || !double.IsFinite(fraction))
        {
            return fraction;
        }

        var bits = BitConverter.DoubleToUInt64Bits(Normalized(fraction, out var shift));
        exponent += shift + Field(bits) - Bias;
        if (exponent < -1075)
        {
            return Math.CopySign(0, fraction);
        }

        if (exponent > Bias)
        {
            return Math.CopySign(double.PositiveInfinity, fraction);
        }

        return exponent >= 1 - Bias
            ? BitConverter.UInt64BitsToDouble(WithField(bits, (int)exponent + Bias))
            : BitConverter.UInt64BitsToDouble(WithField(bits, (int)exponent + 53 + Bias)) * (1.0 / (1UL << 53));
    }

    private static double Normalized(double value, out int exponent)
    {
        if (Math.Abs(value) < SmallestNormal)
        {
            exponent = -FractionBits;
            return value * TwoTo52;
        }

        exponent = 0;
        return value;
    }

    private static int Field(ulong bits) => (int)(bits >> FractionBits) & ExponentMask;

    private static ulong WithField(ulong bits, int field) => (bits & ~((ulong)ExponentMask << FractionBits)) | ((ulong)field << FractionBits);
}
