using System.Text;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>A tenant's share of a partition: its head, and the bytes that name it in front of every record.</summary>
internal sealed class TenantPart(TenantId tenant, TenantHead head)
{
    private readonly byte[] _prefix = PrefixOf(tenant);

    public TenantId Tenant { get; } = tenant;

    public TenantHead Head { get; } = head;

    /// <summary>The tenant's name as uvarint length and UTF-8.</summary>
    public ReadOnlyMemory<byte> Prefix => _prefix;

    /// <summary>The tenant that a payload names and where the rest begins; false where it names none.</summary>
    public static bool TryReadPrefix(ReadOnlySpan<byte> payload, out TenantId tenant, out int length)
    {
        // A name has at most 150 bytes: one or two bytes of length.
        tenant = default;
        length = 0;
        if (payload.Length < 2)
        {
            return false;
        }

        var size = payload[0] & 0x7F;
        length = 1;
        if (payload[0] >= 0x80)
        {
            size |= payload[1] << 7;
            length = 2;
        }

        if (payload.Length - length < size || !TenantId.TryParse(Encoding.UTF8.GetString(payload.Slice(length, size)), out tenant, out _))
        {
            return false;
        }

        length += size;
        return true;
    }

    /// <summary>The bytes that name a tenant in front of a record.</summary>
    public static byte[] PrefixOf(TenantId tenant)
    {
        var name = Encoding.UTF8.GetBytes(tenant.Value);
        return name.Length < 0x80 ? [(byte)name.Length, .. name] : [(byte)(name.Length | 0x80), (byte)(name.Length >> 7), .. name];
    }
}
