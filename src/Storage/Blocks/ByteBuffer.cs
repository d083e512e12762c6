using System.Buffers.Binary;

namespace Deucalion.Storage.Blocks;

/// <summary>A growing buffer for the numbers and strings of the block files; reused through <see cref="Clear"/>.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value) => Room(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Room(4), value);

    public void Uvarint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    public void Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

    public void String(ReadOnlySpan<byte> utf8)
    {
        Uvarint((uint)utf8.Length);
        Bytes(utf8);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    public static int UvarintSize(ulong value) => (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7 + 1;

    private Span<byte> Room(int size)
    {
        if (Length + size > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
        }

        Length += size;
        return _bytes.AsSpan(Length - size, size);
    }
}
