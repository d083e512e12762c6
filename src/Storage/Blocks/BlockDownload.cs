using System.Buffers;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;

namespace Deucalion.Storage.Blocks;

/// <summary>Brings the files of a block from the object store into a directory, for those who read all of it.</summary>
public static class BlockDownload
{
    private const int PartSize = 4 << 20;

    /// <summary>
    /// Creates the directory with the block's files. They are not made durable: who reads them can fetch them again. A block that is not there is
    /// <see cref="ObjectNotFoundException"/>.
    /// </summary>
    public static async ValueTask DownloadAsync(
        IObjectStore store, TenantId tenant, string ulid, IDisk disk, string directory, CancellationToken cancellationToken)
    {
        var prefix = BlockUpload.Prefix(tenant, ulid) + "/";
        disk.CreateDirectory(Path.Combine(directory, BlockFiles.ChunksDirectory));
        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(prefix, cancellationToken))
        {
            var name = entry.Key[prefix.Length..];
            var isPart = name is BlockFiles.Index or BlockFiles.Tombstones or BlockMeta.FileName
                || (name.StartsWith(BlockFiles.ChunksDirectory + "/", StringComparison.Ordinal) && ChunkSegment.SegmentOf(name[(BlockFiles.ChunksDirectory.Length + 1)..]) >= 0);
            if (isPart)
            {
                await CopyAsync(store, entry, disk, Path.Combine(directory, name), cancellationToken);
                found.Add(name);
            }
        }

        foreach (var name in (string[])[BlockMeta.FileName, BlockFiles.Index])
        {
            if (!found.Contains(name))
            {
                throw new ObjectNotFoundException(prefix + name);
            }
        }
    }

    private static async ValueTask CopyAsync(IObjectStore store, ObjectEntry entry, IDisk disk, string path, CancellationToken cancellationToken)
    {
        using var file = disk.Create(path);
        var part = ArrayPool<byte>.Shared.Rent(PartSize);
        try
        {
            for (var at = 0L; at < entry.Length;)
            {
                var wanted = (int)Math.Min(PartSize, entry.Length - at);
                var read = await store.GetRangeAsync(entry.Key, at, part.AsMemory(0, wanted), cancellationToken);
                if (read != wanted)
                {
                    throw new CorruptBlockException($"{entry.Key}: got {read} of {wanted} bytes at {at}");
                }

                file.Append(part.AsSpan(0, read));
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }
}
