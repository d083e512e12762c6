using System.Numerics;

namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>Reduces angles to the nearest even multiple of a quarter of pi.</summary>
internal static class OctantReduction
{
    // Up to here the product of the octant with each part of pi/4 is exact.
    private const double Large = 1 << 29;

    // pi/4 in three parts (Cody and Waite).
    private const double QuarterPiHigh = 7.85398125648498535156e-1;
    private const double QuarterPiMiddle = 3.77489470793079817668e-8;
    private const double QuarterPiLow = 2.69515142907905952645e-15;

    // The binary digits of 4/pi, one integer bit first: enough for the greatest exponent.
    private static ReadOnlySpan<ulong> FourOverPi =>
    [
        0x0000000000000001, 0x45f306dc9c882a53, 0xf84eafa3ea69bb81, 0xb6c52b3278872083, 0xfca2c757bd778ac3,
        0x6e48dc74849ba5c0, 0x0c925dd413a32439, 0xfc3bd63962534e7d, 0xd1046bea5d768909, 0xd338e04d68befc82,
        0x7323ac7306a673e9, 0x3908bf177bf25076, 0x3ff12fffbc0b301f, 0xde5e2316b414da3e, 0xda6cfd9e4f96136e,
        0x9e8c7ecd3cbfd45a, 0xea4f758fd7cbe2f6, 0x7a0e73ef14a525d4, 0xd7f6bf623f1aba10, 0xac06608df8f6d757,
    ];

    /// <summary>The even octant (mod 8) nearest to the non-negative finite <paramref name="x"/>, and what remains, in radians.</summary>
    public static int Reduce(double x, out double rest)
    {
        if (x >= Large)
        {
            return ReduceLarge(x, out rest);
        }

        var octant = (int)(x * (4 / Math.PI));
        octant += octant & 1;
        double y = octant;
        rest = x - (y * QuarterPiHigh) - (y * QuarterPiMiddle) - (y * QuarterPiLow);
        return octant & 7;
    }

    // Payne and Hanek: only those 192 digits of 4/pi take part that decide the octant and the leading bits of the rest.
    private static int ReduceLarge(double x, out double rest)
    {
        var bits = BitConverter.DoubleToUInt64Bits(x);
        var position = (int)(bits >> BinaryExponent.FractionBits) - BinaryExponent.Bias - BinaryExponent.FractionBits + 61;
        var significand = (bits & BinaryExponent.FractionMask) | (1UL << BinaryExponent.FractionBits);
        var digits = FourOverPi[(position >> 6)..];
        var shift = position & 63;
        var middleHigh = Math.BigMul(Digit(digits, 1, shift), significand, out var middleLow);
        var low = middleLow + Math.BigMul(Digit(digits, 2, shift), significand, out _);
        var high = (Digit(digits, 0, shift) * significand) + middleHigh + (low < middleLow ? 1UL : 0UL);

        var octant = (int)(high >> 61);
        high = (high << 3) | (low >> 61);
        var zeros = BitOperations.LeadingZeroCount(high);
        var fraction = ((high << zeros << 1) | (low >> (63 - zeros))) >> (64 - BinaryExponent.FractionBits);
        var exponent = (ulong)(BinaryExponent.Bias - zeros - 1);
        rest = BitConverter.UInt64BitsToDouble(fraction | (exponent << BinaryExponent.FractionBits));
        if ((octant & 1) != 0)
        {
            octant = (octant + 1) & 7;
            rest--;
        }

        rest *= Math.PI / 4;
        return octant;
    }

    private static ulong Digit(ReadOnlySpan<ulong> digits, int index, int shift) =>
        shift == 0 ? digits[index] : (digits[index] << shift) | (digits[index + 1] >> (64 - shift));
}
