using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// A digest of all heads of a partition: of the bytes that their checkpoints would be, which are the same for heads that hold the same. For the thread that
/// writes the partition, which it keeps busy as long as a checkpoint would, without the disk.
/// </summary>
internal sealed class HeadDigest : IBufferWriter<byte>
{
    private const int ShownBytes = 8;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[64 * 1024];

    private HeadDigest()
    {
    }

    /// <summary>16 hexadecimal digits.</summary>
    public static string Of(PartitionState state)
    {
        var digest = new HeadDigest();
        using var hash = digest._hash;
        foreach (var part in state.Parts.OrderBy(static p => p.Tenant.Value, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part.Tenant.Value));
            part.Head.WriteCheckpoint(digest);
        }

        foreach (var deletion in state.Deletions.OrderBy(static d => d.Tenant.Value, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(deletion.Tenant.Value));
            deletion.Write(digest);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, ShownBytes));
    }

    /// <inheritdoc/>
    public void Advance(int count) => _hash.AppendData(_buffer, 0, count);

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _buffer.Length)
        {
            _buffer = new byte[sizeHint];
        }

        return _buffer;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
