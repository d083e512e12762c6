using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Deucalion.Common.Contracts;

namespace Deucalion.Common.Hashing;

/// <summary>
/// The routing hash of a series: XXH64, seed 0, over its sorted labels as <c>name 0xFF value 0xFF</c> UTF-8 bytes (0xFF occurs in no UTF-8).
/// Does not allocate.
/// </summary>
public static class RoutingHash
{
    private const byte Separator = 0xFF;

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

    /// <summary>Hash of sorted labels whose UTF-8 text lies in <paramref name="text"/>.</summary>
    [SkipLocalsInit]
    public static ulong Of(ReadOnlySpan<WriteLabel> labels, ReadOnlySpan<byte> text)
    {
        var length = 0;
        foreach (ref readonly var label in labels)
        {
            length += label.NameLength + label.ValueLength + 2;
        }

        // One hash over a copy is faster than many over short pieces.
        var rented = length > 2048 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[2048];
        var used = 0;
        foreach (ref readonly var label in labels)
        {
            text.Slice(label.NameOffset, label.NameLength).CopyTo(buffer[used..]);
            used += label.NameLength;
            buffer[used++] = Separator;
            text.Slice(label.ValueOffset, label.ValueLength).CopyTo(buffer[used..]);
            used += label.ValueLength;
            buffer[used++] = Separator;
        }

        var hash = XxHash64.Compute(buffer[..used]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }
}
