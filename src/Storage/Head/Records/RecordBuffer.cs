using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Deucalion.Storage.Head.Records;

/// <summary>A growing buffer that a payload, or a column of one, is encoded into. Reused; never shrinks below what it grew to.</summary>
internal sealed class RecordBuffer
{
    private const int MaxVarint = 10;

    private byte[] _bytes = new byte[128];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Varint(ulong value)
    {
        var destination = Reserve(MaxVarint);
        var i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        Length += i;
    }

    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    /// <summary>The lowest <paramref name="count"/> (1 … 8) bytes of a word, lowest first.</summary>
    public void Low(ulong value, int count)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += count;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Length and bytes.</summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        Varint((ulong)utf8.Length);
        Bytes(utf8);
    }

    public void CopyTo(IBufferWriter<byte> writer) => writer.Write(Written);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        return _bytes.AsSpan(Length);
    }
}
