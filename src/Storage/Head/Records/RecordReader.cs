using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Deucalion.Storage.Head.Records;

/// <summary>Reads a payload front to back; whatever does not fit is <see cref="HeadFormatException"/>.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _at;

    /// <summary>Whether all has been read.</summary>
    public readonly bool AtEnd => _at == _payload.Length;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => _payload.Length - _at;

    public byte Byte()
    {
        if (_at >= _payload.Length)
        {
            Malformed();
        }

        return _payload[_at++];
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        Malformed();
        return 0;
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A number of things that take at least <paramref name="size"/> bytes each of what is left.</summary>
    public int Count(int size)
    {
        var count = Varint();
        if (count * (ulong)size > (ulong)Left || count > int.MaxValue)
        {
            Malformed();
        }

        return (int)count;
    }

    /// <summary>A number below a limit.</summary>
    public int Number(int limit)
    {
        var number = Varint();
        if (number >= (ulong)limit)
        {
            Malformed();
        }

        return (int)number;
    }

    public ulong Fixed64()
    {
        var bytes = Bytes(8);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary><paramref name="count"/> (1 … 8) bytes as a word, lowest first.</summary>
    public ulong Low(int count)
    {
        if (Left >= 8)
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(_payload[_at..]);
            _at += count;
            return word & (ulong.MaxValue >> (64 - (8 * count)));
        }

        ulong value = 0;
        var bytes = Bytes(count);
        for (var i = 0; i < count; i++)
        {
            value |= (ulong)bytes[i] << (8 * i);
        }

        return value;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || Left < count)
        {
            Malformed();
        }

        var bytes = _payload.Slice(_at, count);
        _at += count;
        return bytes;
    }

    /// <summary>Length and bytes.</summary>
    public ReadOnlySpan<byte> Text() => Bytes(Number(int.MaxValue));

    /// <summary>Checks the version byte a payload starts with.</summary>
    public void Version(byte known)
    {
        var version = Byte();
        if (version != known)
        {
            throw new HeadFormatException($"version {version} of a head record or checkpoint is unknown");
        }
    }

    /// <summary>The version byte a payload starts with, one of two.</summary>
    public byte Version(byte known, byte alsoKnown)
    {
        if (Left > 0 && _payload[_at] == alsoKnown)
        {
            return Byte();
        }

        Version(known);
        return known;
    }

    /// <summary>Checks that all has been read.</summary>
    public readonly void End()
    {
        if (!AtEnd)
        {
            Malformed();
        }
    }

    [DoesNotReturn]
    public static void Malformed() => throw new HeadFormatException("malformed head record or checkpoint");
}
