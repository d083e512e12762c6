using System.Text;

namespace Deucalion.Benchmarks.Load;

/// <summary>Bytes of a protobuf message as it is put together.</summary>
internal sealed class ProtobufBytes
{
    private readonly List<byte> _bytes = [];

    public int Count => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public ProtobufBytes Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public ProtobufBytes Message(int field, ProtobufBytes message) => Bytes(field, message._bytes);

    /// <summary>An integer that is not negative.</summary>
    public ProtobufBytes Integer(int field, long value)
    {
        Varint((ulong)(field << 3));
        Varint((ulong)value);
        return this;
    }

    /// <summary>An integer of kind sint32 or sint64.</summary>
    public ProtobufBytes Signed(int field, long value) => Integer(field, (value << 1) ^ (value >> 63));

    public ProtobufBytes Double(int field, double value)
    {
        Varint((ulong)(field << 3) | 1);
        _bytes.AddRange(BitConverter.GetBytes(value));
        return this;
    }

    /// <summary>Packed integers of kind sint64.</summary>
    public ProtobufBytes PackedSigned(int field, IEnumerable<long> values)
    {
        var packed = new ProtobufBytes();
        foreach (var value in values)
        {
            packed.Varint((ulong)((value << 1) ^ (value >> 63)));
        }

        return Message(field, packed);
    }

    private ProtobufBytes Bytes(int field, IReadOnlyCollection<byte> bytes)
    {
        Varint((ulong)(field << 3) | 2);
        Varint((ulong)bytes.Count);
        _bytes.AddRange(bytes);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
