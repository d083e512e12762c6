using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Deucalion.Common.Labels;

namespace Deucalion.Querier.Sources;

/// <summary>
/// Compares label sets by content with a hash that is several times faster than that of strings: a select may merge hundreds of thousands of
/// series. Seeded per process so that nobody can choose labels that collide.
/// </summary>
internal sealed class LabelsComparer : IEqualityComparer<Labels>
{
    public static readonly LabelsComparer Instance = new();

    private const ulong LengthFactor = 0x9E3779B97F4A7C15;

    private readonly ulong _seed = RandomWord();
    private readonly ulong _secret = RandomWord();

    private LabelsComparer()
    {
    }

    public bool Equals(Labels? x, Labels? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.Pairs.SequenceEqual(y.Pairs));

    public int GetHashCode([DisallowNull] Labels obj)
    {
        var hash = _seed;
        foreach (var text in obj.Pairs)
        {
            hash = Mix(hash, MemoryMarshal.AsBytes(text.AsSpan()));
        }

        return (int)(hash ^ (hash >> 32));
    }

    private ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        // The length keeps strings apart whose words overlap differently; spread over all bits, no character can undo it.
        hash += (ulong)bytes.Length * LengthFactor;
        if (bytes.Length < sizeof(ulong))
        {
            return Fold(hash ^ Short(bytes), _seed);
        }

        for (; bytes.Length > 2 * sizeof(ulong); bytes = bytes[(2 * sizeof(ulong))..])
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), _secret ^ MemoryMarshal.Read<ulong>(bytes[sizeof(ulong)..]));
        }

        return bytes.Length < sizeof(ulong)
            ? Fold(hash ^ Short(bytes), _seed)
            : Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), _seed ^ MemoryMarshal.Read<ulong>(bytes[^sizeof(ulong)..]));
    }

    // At most three characters, the last two of them read once more.
    private static ulong Short(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => 0,
        < sizeof(uint) => MemoryMarshal.Read<ushort>(bytes),
        _ => ((ulong)MemoryMarshal.Read<uint>(bytes) << 32) | MemoryMarshal.Read<uint>(bytes[^sizeof(uint)..]),
    };

    private static ulong RandomWord() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
