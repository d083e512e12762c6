using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;

namespace Deucalion.Compactor.Compaction;

/// <summary>
/// The open sources of a merge, mapped: in place where the bucket is a local directory, else as copies, since a merge reads all of them once. The copies go
/// with the directory they lie in.
/// </summary>
internal sealed class SourceBlocks : IDisposable
{
    private readonly List<BlockReader> _readers = [];

    /// <summary>The blocks.</summary>
    public IReadOnlyList<BlockReader> Readers => _readers;

    /// <summary>Opens all.</summary>
    /// <exception cref="CompactionException">One is damaged or not there.</exception>
    public static async Task<SourceBlocks> OpenAsync(
        IObjectStore objects, IDisk disk, string directory, TenantId tenant, IReadOnlyList<string> ulids, CancellationToken cancellationToken)
    {
        var sources = new SourceBlocks();
        try
        {
            foreach (var ulid in ulids)
            {
                sources._readers.Add(await OpenAsync(objects, disk, directory, tenant, ulid, cancellationToken));
            }

            return sources;
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    /// <summary>Names of the blocks in which something is wrong, after a merge has stumbled over it.</summary>
    public async Task<IReadOnlyList<string>> DamagedAsync(CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        foreach (var reader in _readers)
        {
            if ((await BlockVerifier.VerifyAsync(reader, cancellationToken)).Count > 0)
            {
                damaged.Add(reader.Meta.Ulid);
            }
        }

        return damaged;
    }

    public void Dispose() => _readers.ForEach(static x => x.Dispose());

    private static async Task<BlockReader> OpenAsync(
        IObjectStore objects, IDisk disk, string directory, TenantId tenant, string ulid, CancellationToken cancellationToken)
    {
        try
        {
            var prefix = BlockUpload.Prefix(tenant, ulid);
            if (objects.LocalPath($"{prefix}/{BlockFiles.Index}") is not null)
            {
                return await BlockReader.OpenAsync(objects, prefix, cancellationToken);
            }

            var copy = Path.Combine(directory, ulid);
            await BlockDownload.DownloadAsync(objects, tenant, ulid, disk, copy, cancellationToken);
            return await BlockReader.OpenDirectoryAsync(copy, cancellationToken);
        }
        catch (Exception e) when (e is CorruptBlockException or ObjectNotFoundException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CompactionException(CompactionFailure.Damaged, $"block {ulid} cannot be opened: {e.Message}", e) { Damaged = [ulid] };
        }
    }
}
