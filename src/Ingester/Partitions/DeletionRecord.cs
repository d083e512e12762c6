using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Deucalion.Common.Identifiers;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// The payload of a record of kind Delete behind the tenant: version 1, what it says (0: everything of the tenant before this record is gone; 1: the
/// manifest shows the deletion of that name), the deletion's name (a ULID of 26 characters), Unix milliseconds (docs/formats/head-records.md).
/// </summary>
internal static class DeletionRecord
{
    private const byte Version = 1;
    private const int Length = 2 + Ulid.TextLength + sizeof(long);

    /// <summary>Writes one.</summary>
    public static void Write(IBufferWriter<byte> output, bool isShown, string ulid, long at)
    {
        var bytes = output.GetSpan(Length);
        bytes[0] = Version;
        bytes[1] = isShown ? (byte)1 : (byte)0;
        Encoding.ASCII.GetBytes(ulid, bytes[2..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(2 + Ulid.TextLength)..], at);
        output.Advance(Length);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="HeadFormatException">The bytes are none of a known version.</exception>
    public static (bool IsShown, string Ulid, long At) Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Length || payload[0] != Version || payload[1] > 1)
        {
            throw new HeadFormatException("the deletion is malformed, or of a version that this program does not know");
        }

        var ulid = Encoding.ASCII.GetString(payload.Slice(2, Ulid.TextLength));
        return Ulid.TryParse(ulid, out _)
            ? (payload[1] == 1, ulid, BinaryPrimitives.ReadInt64LittleEndian(payload[(2 + Ulid.TextLength)..]))
            : throw new HeadFormatException($"the deletion's name is '{ulid}', which is no ULID");
    }
}
