using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Loads a section of the form <c>BE32 len | len bytes | BE32 crc</c>, whole, with its checksum verified.</summary>
internal static class IndexSection
{
    public static async ValueTask<ByteWindow> KeepAsync(IByteSource source, long offset, string name, CancellationToken cancellationToken)
    {
        int length;
        using (var head = await ByteWindow.FetchAsync(source, offset, 4, cancellationToken))
        {
            var announced = BinaryPrimitives.ReadUInt32BigEndian(head.Span);
            if (announced > int.MaxValue - 8 || announced < 4)
            {
                throw new CorruptBlockException($"index: {name} has an impossible length of {announced}");
            }

            length = (int)announced;
        }

        var window = await ByteWindow.KeepAsync(source, offset, length + 8, cancellationToken);
        Verify(window.Span, name);
        return window;
    }

    /// <summary>Checks a whole section and returns what lies between its length and its checksum.</summary>
    public static ReadOnlySpan<byte> Verify(ReadOnlySpan<byte> section, string name)
    {
        if (section.Length < 8)
        {
            throw new CorruptBlockException($"index: {name} is cut short");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(section);
        if (length > section.Length - 8)
        {
            throw new CorruptBlockException($"index: {name} is cut short");
        }

        var body = section.Slice(4, (int)length);
        if (Crc32C.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(section[(4 + (int)length)..]))
        {
            throw new CorruptBlockException($"index: checksum of {name} does not match");
        }

        return body;
    }
}
