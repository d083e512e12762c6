using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Partitions;

/// <summary>A deletion of a tenant that is in the log and not known to be in the manifest.</summary>
/// <param name="Tenant">Whose data.</param>
/// <param name="Ulid">The deletion's name.</param>
/// <param name="Seq">Its place in the log.</param>
internal sealed record PendingDeletion(TenantId Tenant, string Ulid, long Seq)
{
    private const int Length = Common.Identifiers.Ulid.TextLength + sizeof(long);

    /// <summary>Fills a buffer with the bytes that come next.</summary>
    public delegate void ReadBytes(Span<byte> destination);

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public static PendingDeletion Read(TenantId tenant, ReadBytes read)
    {
        Span<byte> bytes = stackalloc byte[Length];
        read(bytes);
        return new PendingDeletion(
            tenant,
            Encoding.ASCII.GetString(bytes[..Common.Identifiers.Ulid.TextLength]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[Common.Identifiers.Ulid.TextLength..]));
    }

    /// <summary>Writes name and seq.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bytes = output.GetSpan(Length);
        Encoding.ASCII.GetBytes(Ulid, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[Common.Identifiers.Ulid.TextLength..], Seq);
        output.Advance(Length);
    }
}
