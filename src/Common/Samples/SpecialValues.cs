namespace Deucalion.Common.Samples;

/// <summary>The two NaN bit patterns that Prometheus tells apart.</summary>
public static class SpecialValues
{
    /// <summary>Bits of the staleness marker.</summary>
    public const long StaleNaNBits = 0x7ff0000000000002;

    /// <summary>Bits of an ordinary NaN as Prometheus writes it.</summary>
    public const long NormalNaNBits = 0x7ff8000000000001;

    /// <summary>The staleness marker.</summary>
    public static double StaleNaN => BitConverter.Int64BitsToDouble(StaleNaNBits);

    /// <summary>Whether the value is the staleness marker, bit for bit.</summary>
    public static bool IsStaleNaN(double value) => BitConverter.DoubleToInt64Bits(value) == StaleNaNBits;
}
