using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;

namespace Deucalion.Storage.Blocks;

/// <summary>Moves blocks between directories and the object store, where they are <c>&lt;tenant&gt;/&lt;ulid&gt;/…</c>.</summary>
public static class BlockUpload
{
    /// <summary>Prefix of a block's objects, without the last slash.</summary>
    public static string Prefix(TenantId tenant, string ulid) => $"{tenant}/{ulid}";

    /// <summary>
    /// Stores the files of a block, meta.json last, so that a block with meta.json is whole; returns their bytes. May be repeated. The
    /// directory stays.
    /// </summary>
    public static async ValueTask<long> UploadAsync(
        IDisk disk, string directory, IObjectStore store, TenantId tenant, string ulid, CancellationToken cancellationToken)
    {
        var total = await UploadFilesAsync(disk, directory, store, Prefix(tenant, ulid), cancellationToken);
        return total + await UploadFileAsync(disk, directory, BlockMeta.FileName, store, Prefix(tenant, ulid), cancellationToken);
    }

    /// <summary>
    /// Stores a block under the name and with the content that <paramref name="meta"/> has, in place of its own meta.json; else as the other.
    /// </summary>
    public static async ValueTask<long> UploadAsync(
        IDisk disk, string directory, IObjectStore store, TenantId tenant, BlockMeta meta, CancellationToken cancellationToken)
    {
        var prefix = Prefix(tenant, meta.Ulid);
        var total = await UploadFilesAsync(disk, directory, store, prefix, cancellationToken);
        var json = meta.ToJson();
        await store.PutAsync($"{prefix}/{BlockMeta.FileName}", json, cancellationToken);
        return total + json.Length;
    }

    /// <summary>Deletes the objects of a block, meta.json first, so that what is left of it is not taken for a block.</summary>
    public static async ValueTask DeleteAsync(IObjectStore store, TenantId tenant, string ulid, CancellationToken cancellationToken)
    {
        var prefix = Prefix(tenant, ulid) + "/";
        await store.DeleteAsync(prefix + BlockMeta.FileName, cancellationToken);
        var keys = new List<string>();
        await foreach (var entry in store.ListAsync(prefix, cancellationToken))
        {
            keys.Add(entry.Key);
        }

        foreach (var key in keys)
        {
            await store.DeleteAsync(key, cancellationToken);
        }
    }

    private static async ValueTask<long> UploadFilesAsync(
        IDisk disk, string directory, IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        var total = 0L;
        foreach (var name in Names(disk, directory))
        {
            total += await UploadFileAsync(disk, directory, name, store, prefix, cancellationToken);
        }

        return total;
    }

    private static async ValueTask<long> UploadFileAsync(
        IDisk disk, string directory, string name, IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, name);
        await store.PutFileAsync($"{prefix}/{name}", path, cancellationToken);
        using var file = disk.OpenRead(path);
        return file.Length;
    }

    // All but meta.json, which is stored last.
    private static List<string> Names(IDisk disk, string directory)
    {
        var names = new List<string> { BlockFiles.Index };
        foreach (var entry in disk.List(Path.Combine(directory, BlockFiles.ChunksDirectory)))
        {
            if (ChunkSegment.SegmentOf(entry.Name) >= 0)
            {
                names.Add($"{BlockFiles.ChunksDirectory}/{entry.Name}");
            }
        }

        if (disk.Exists(Path.Combine(directory, BlockFiles.Tombstones)))
        {
            names.Add(BlockFiles.Tombstones);
        }

        return names;
    }
}
