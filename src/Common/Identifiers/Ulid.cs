using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Deucalion.Common.Identifiers;

/// <summary>
/// A ULID: 48 bits of Unix milliseconds, then 80 random bits, written as 26 characters of Crockford's base 32. Text order is order of
/// value.
/// </summary>
public readonly record struct Ulid(UInt128 Value) : IComparable<Ulid>
{
    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>When it was made, Unix milliseconds.</summary>
    public long Time => (long)(Value >> 80);

    /// <summary>A new one of that time, with random bits from the system's generator.</summary>
    public static Ulid Create(DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[10];
        RandomNumberGenerator.Fill(random);
        return Create(now.ToUnixTimeMilliseconds(), random);
    }

    /// <summary>One of a given time and ten given bytes.</summary>
    public static Ulid Create(long unixMilliseconds, ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, 10);
        ArgumentOutOfRangeException.ThrowIfNegative(unixMilliseconds);
        var low = BinaryPrimitives.ReadUInt64BigEndian(random[2..]);
        var high = ((ulong)unixMilliseconds << 16) | BinaryPrimitives.ReadUInt16BigEndian(random);
        return new Ulid(new UInt128(high, low));
    }

    /// <summary>Parses the text form; lower case is accepted.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ulid ulid)
    {
        ulid = default;
        if (text.Length != TextLength || text[0] > '7')
        {
            return false;
        }

        UInt128 value = 0;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value << 5) | (uint)digit;
        }

        ulid = new Ulid(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => Value.CompareTo(other.Value);

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(TextLength, Value, static (text, value) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(uint)(value & 31)];
            value >>= 5;
        }
    });
}
