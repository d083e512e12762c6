using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Deucalion.Common.Hashing;

/// <summary>XXH64. <see cref="Compute"/> for bytes at hand; an instance (default value with <see cref="Create"/>) for bytes that come in pieces.</summary>
public struct XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int Stripe = 32;

    private ulong _seed;
    private ulong _lane1;
    private ulong _lane2;
    private ulong _lane3;
    private ulong _lane4;
    private ulong _length;
    private Tail _tail;

    /// <summary>An empty hash with a seed.</summary>
    public static XxHash64 Create(ulong seed) => new()
    {
        _seed = seed,
        _lane1 = seed + Prime1 + Prime2,
        _lane2 = seed + Prime2,
        _lane3 = seed,
        _lane4 = seed - Prime1,
    };

    /// <summary>Hash of the bytes, seed 0.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        var length = (ulong)bytes.Length;
        ulong hash;
        if (bytes.Length >= Stripe)
        {
            ulong lane1 = unchecked(Prime1 + Prime2), lane2 = Prime2, lane3 = 0, lane4 = unchecked(0 - Prime1);
            Stripes(ref bytes, ref lane1, ref lane2, ref lane3, ref lane4);
            hash = Merge(lane1, lane2, lane3, lane4);
        }
        else
        {
            hash = Prime5;
        }

        return Finish(hash + length, bytes);
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var pending = (int)(_length % Stripe);
        _length += (ulong)bytes.Length;
        Span<byte> tail = _tail;
        if (pending + bytes.Length < Stripe)
        {
            bytes.CopyTo(tail[pending..]);
            return;
        }

        if (pending > 0)
        {
            var missing = Stripe - pending;
            bytes[..missing].CopyTo(tail[pending..]);
            bytes = bytes[missing..];
            ReadOnlySpan<byte> full = tail;
            Stripes(ref full, ref _lane1, ref _lane2, ref _lane3, ref _lane4);
        }

        Stripes(ref bytes, ref _lane1, ref _lane2, ref _lane3, ref _lane4);
        bytes.CopyTo(tail);
    }

    /// <summary>Hash of all bytes added.</summary>
    public readonly ulong Digest()
    {
        var hash = _length >= Stripe ? Merge(_lane1, _lane2, _lane3, _lane4) : _seed + Prime5;
        ReadOnlySpan<byte> tail = _tail;
        return Finish(hash + _length, tail[..(int)(_length % Stripe)]);
    }

    private static void Stripes(ref ReadOnlySpan<byte> bytes, ref ulong lane1, ref ulong lane2, ref ulong lane3, ref ulong lane4)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = lane1, b = lane2, c = lane3, d = lane4;
        var count = words.Length & ~3;
        for (var i = 0; i + 3 < count; i += 4)
        {
            a = Round(a, words[i]);
            b = Round(b, words[i + 1]);
            c = Round(c, words[i + 2]);
            d = Round(d, words[i + 3]);
        }

        (lane1, lane2, lane3, lane4) = (a, b, c, d);
        bytes = bytes[(count * 8)..];
    }

    private static ulong Merge(ulong lane1, ulong lane2, ulong lane3, ulong lane4)
    {
        var hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
            + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
        hash = ((hash ^ Round(0, lane1)) * Prime1) + Prime4;
        hash = ((hash ^ Round(0, lane2)) * Prime1) + Prime4;
        hash = ((hash ^ Round(0, lane3)) * Prime1) + Prime4;
        return ((hash ^ Round(0, lane4)) * Prime1) + Prime4;
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            hash = (BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4;
        }

        if (bytes.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime1;
            hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
            bytes = bytes[4..];
        }

        foreach (var value in bytes)
        {
            hash ^= value * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        hash ^= hash >> 33;
        hash *= Prime2;
        hash ^= hash >> 29;
        hash *= Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * Prime2), 31) * Prime1;

    [System.Runtime.CompilerServices.InlineArray(Stripe)]
    private struct Tail
    {
        private byte _first;
    }
}
