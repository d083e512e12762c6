using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// The index headers of blocks in a bucket, as files <c>directory/tenant/ulid/index-header</c>: made once for each block by range reads, made anew where one
/// cannot be used. Two callers must not open the same block at once.
/// </summary>
public sealed class IndexHeaders(IDisk disk, string directory)
{
    /// <summary>Forgets the headers of a tenant's blocks that are not wanted any more.</summary>
    public void Keep(string tenant, Func<string, bool> isWanted)
    {
        var blocks = Path.Combine(directory, tenant);
        if (disk.Exists(blocks))
        {
            foreach (var entry in disk.List(blocks))
            {
                if (!isWanted(entry.Name))
                {
                    disk.DeleteDirectory(Path.Combine(blocks, entry.Name));
                }
            }
        }
    }

    /// <summary>
    /// Opens the index of the block <c>tenant/ulid</c> through its header; both sources are the result's. Damage of the index is
    /// <see cref="CorruptBlockException"/>; where no header can be kept, the index is read as it is.
    /// </summary>
    internal async ValueTask<(IByteSource Source, IndexReader Reader)> OpenAsync(string block, IByteSource index, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, block, IndexHeader.FileName);
        if (File.Exists(path))
        {
            try
            {
                return await OpenHeaderAsync(path, index, cancellationToken);
            }
            catch (CorruptBlockException)
            {
                disk.Delete(path);
            }
        }

        try
        {
            disk.CreateDirectory(Path.Combine(directory, block));
            await IndexHeader.WriteAsync(index, disk, path, cancellationToken);
        }
        catch (Exception e) when (IsLocal(e))
        {
            return (index, await IndexReader.OpenAsync(index, cancellationToken));
        }

        return await OpenHeaderAsync(path, index, cancellationToken);
    }

    private static async ValueTask<(IByteSource Source, IndexReader Reader)> OpenHeaderAsync(string path, IByteSource index, CancellationToken cancellationToken)
    {
        var header = new MappedByteSource(path);
        try
        {
            var source = await IndexHeaderSource.OpenAsync(header, index, cancellationToken);
            return (source, await IndexReader.OpenAsync(source, cancellationToken));
        }
        catch
        {
            // The index stays open for another try.
            header.Dispose();
            throw;
        }
    }

    // The disk here fails: full, or not writable.
    private static bool IsLocal(Exception e) =>
        e is UnauthorizedAccessException || (e is IOException and not CorruptBlockException and not Common.Objects.ObjectStoreException);
}
