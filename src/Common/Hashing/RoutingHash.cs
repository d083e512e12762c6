using System.Buffers;
using System.Text;

namespace Deucalion.Common.Hashing;

/// <summary>
/// The routing hash of a series: XXH64, seed 0, over its sorted labels as <c>name 0xFF value 0xFF</c> UTF-8 bytes (0xFF occurs in no UTF-8).
/// An instance takes labels one by one (<see cref="Create"/>, <see cref="Add"/>, <see cref="Value"/>) without allocating.
/// </summary>
public struct RoutingHash
{
    private const byte Separator = 0xFF;

    private XxHash64 _hash;

    /// <summary>Hash of the values so far.</summary>
    public readonly ulong Value => _hash.Digest();

    /// <summary>A hash without labels.</summary>
    public static RoutingHash Create() => new() { _hash = XxHash64.Create(0) };

    /// <summary>Hash of a label set.</summary>
    public static ulong Of(Labels.Labels labels)
    {
        var length = 0;
        foreach (var text in labels.Pairs)
        {
            length += Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        }

        var rented = length > 2048 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[2048];
        var used = 0;
        foreach (var text in labels.Pairs)
        {
            used += Encoding.UTF8.GetBytes(text, buffer[used..]);
            buffer[used++] = Separator;
        }

        var hash = XxHash64.Compute(buffer[..used]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>Adds the next label (in order of names), UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _hash.Append(name);
        _hash.Append([Separator]);
        _hash.Append(value);
        _hash.Append([Separator]);
    }
}
