using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Deucalion.Common.Compression;

/// <summary>
/// Decodes the snappy block format from span to span. Every length and offset of the input is checked before use; writes may run up to
/// 64 bytes past the decoded length where the destination has that room, never past the destination.
/// </summary>
public static class SnappyDecoder
{
    /// <summary>Room worth adding behind the decoded length: lets short copies move whole vectors.</summary>
    public const int Slack = 64;

    /// <summary>Reads the decoded length that the block starts with, and how many bytes it took.</summary>
    public static SnappyError ReadLength(ReadOnlySpan<byte> block, out uint length, out int headerLength)
    {
        length = 0;
        ulong value = 0;
        for (headerLength = 0; headerLength < 5; headerLength++)
        {
            if (headerLength >= block.Length)
            {
                return SnappyError.TruncatedLength;
            }

            var b = block[headerLength];
            value |= (ulong)(b & 0x7F) << (7 * headerLength);
            if (b < 0x80)
            {
                headerLength++;
                length = (uint)value;
                return value <= uint.MaxValue ? SnappyError.None : SnappyError.InvalidLength;
            }
        }

        return SnappyError.InvalidLength;
    }

    /// <summary>Decodes a block (length header included) to the first <paramref name="length"/> bytes of the destination, which must be what the header says.</summary>
    public static SnappyError Decode(ReadOnlySpan<byte> block, Span<byte> destination, int length)
    {
        var error = ReadLength(block, out var stated, out var headerLength);
        if (error != SnappyError.None)
        {
            return error;
        }

        if (stated != (uint)length || length > destination.Length)
        {
            return SnappyError.InvalidLength;
        }

        ref var source = ref MemoryMarshal.GetReference(block);
        ref var target = ref MemoryMarshal.GetReference(destination);
        nint sourceEnd = block.Length;
        nint end = length;
        nint room = destination.Length;
        nint s = headerLength;
        nint d = 0;
        while (s < sourceEnd)
        {
            uint tag = Unsafe.Add(ref source, s++);
            nint count;
            if ((tag & 3) == 0)
            {
                count = (nint)(tag >> 2) + 1;
                if (count <= 16 && sourceEnd - s >= 16 && room - d >= 16 && count <= end - d)
                {
                    Move16(ref source, s, ref target, d);
                    s += count;
                    d += count;
                    continue;
                }

                if (count > 60)
                {
                    var extra = (int)count - 60;
                    if (sourceEnd - s < extra)
                    {
                        return SnappyError.TruncatedInput;
                    }

                    count = (nint)ReadLittleEndian(block.Slice((int)s, extra)) + 1;
                    s += extra;
                }

                if (count > sourceEnd - s)
                {
                    return SnappyError.TruncatedInput;
                }

                if (count > end - d)
                {
                    return SnappyError.TooMuchOutput;
                }

                Unsafe.CopyBlockUnaligned(ref Unsafe.Add(ref target, d), ref Unsafe.Add(ref source, s), (uint)count);
                s += count;
                d += count;
                continue;
            }

            nint offset;
            if ((tag & 3) == 1)
            {
                if (s >= sourceEnd)
                {
                    return SnappyError.TruncatedInput;
                }

                count = (nint)((tag >> 2) & 7) + 4;
                offset = (nint)(((tag & 0xE0) << 3) | Unsafe.Add(ref source, s++));
            }
            else
            {
                var width = (tag & 3) == 2 ? 2 : 4;
                if (sourceEnd - s < width)
                {
                    return SnappyError.TruncatedInput;
                }

                count = (nint)(tag >> 2) + 1;
                offset = width == 2
                    ? BinaryPrimitives.ReadUInt16LittleEndian(block[(int)s..])
                    : (nint)BinaryPrimitives.ReadUInt32LittleEndian(block[(int)s..]);
                s += width;
            }

            if (offset == 0 || offset > d)
            {
                return SnappyError.InvalidOffset;
            }

            if (count > end - d)
            {
                return SnappyError.TooMuchOutput;
            }

            if (offset >= 16 && room - d >= 64)
            {
                // A copy is at most 64 bytes; sources at least a vector behind never see what the same copy writes out of order.
                Move16(ref target, d - offset, ref target, d);
                for (nint moved = 16; moved < count; moved += 16)
                {
                    Move16(ref target, d - offset + moved, ref target, d + moved);
                }
            }
            else
            {
                CopyOverlapping(ref target, d, offset, count);
            }

            d += count;
        }

        return d == end ? SnappyError.None : SnappyError.TooLittleOutput;
    }

    private static void Move16(ref byte from, nint fromIndex, ref byte to, nint toIndex) =>
        Vector128.LoadUnsafe(ref Unsafe.Add(ref from, fromIndex)).StoreUnsafe(ref Unsafe.Add(ref to, toIndex));

    private static void CopyOverlapping(ref byte target, nint d, nint offset, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            Unsafe.Add(ref target, d + i) = Unsafe.Add(ref target, d + i - offset);
        }
    }

    private static uint ReadLittleEndian(ReadOnlySpan<byte> bytes)
    {
        uint value = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (uint)bytes[i] << (8 * i);
        }

        return value;
    }
}
