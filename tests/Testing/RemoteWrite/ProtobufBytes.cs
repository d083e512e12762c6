namespace Deucalion.Testing.RemoteWrite;

/// <summary>Protobuf fields, appended to lists of bytes.</summary>
public static class ProtobufBytes
{
    public static void Double(List<byte> target, int field, double value)
    {
        Tag(target, field, 1);
        target.AddRange(BitConverter.GetBytes(value));
    }

    public static void Number(List<byte> target, int field, ulong value)
    {
        Tag(target, field, 0);
        Varint(target, value);
    }

    public static void Bytes(List<byte> target, int field, IReadOnlyCollection<byte> content)
    {
        Tag(target, field, 2);
        Varint(target, (ulong)content.Count);
        target.AddRange(content);
    }

    public static void Tag(List<byte> target, int field, int wireType) => Varint(target, (ulong)((field << 3) | wireType));

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static void Varint(List<byte> target, ulong value)
    {
        while (value >= 0x80)
        {
            target.Add((byte)(value | 0x80));
            value >>= 7;
        }

        target.Add((byte)value);
    }
}
