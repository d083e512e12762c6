using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;

namespace Deucalion.Compactor.Compaction;

/// <summary>Writes one block from several and verifies it, in a local directory.</summary>
internal static class BlockMerge
{
    /// <summary>
    /// Writes the block <c>directory/ULID</c>. Returns its meta data, or null, and leaves nothing, where every sample is deleted.
    /// </summary>
    /// <exception cref="CompactionException">A source is damaged, or the result is not what it has to be.</exception>
    public static async Task<BlockMeta?> WriteAsync(
        IDisk disk, string directory, SourceBlocks sources, CompactionGroup group, Ulid ulid, CancellationToken cancellationToken)
    {
        BlockMeta? meta;
        try
        {
            using var source = await BlockMergeSource.OpenAsync(sources.Readers, cancellationToken);
            meta = await OnThreadOfItsOwnAsync(() => BlockWriter.Write(disk, directory, source, Options(sources.Readers, group, ulid), cancellationToken));
        }
        catch (Exception e) when (e is CorruptBlockException or CorruptChunkException or InvalidOperationException)
        {
            throw await ReasonAsync(sources, $"blocks {string.Join(", ", group.Ulids)} cannot be merged: {e.Message}", e, cancellationToken);
        }

        if (meta is not null)
        {
            RequireSamples(sources.Readers, meta);
            var problems = await BlockVerifier.VerifyDirectoryAsync(Path.Combine(directory, meta.Ulid), cancellationToken);
            if (problems.Count > 0)
            {
                throw await ReasonAsync(sources, $"the block made of {string.Join(", ", group.Ulids)} is wrong: {problems[0].Message}", null, cancellationToken);
            }
        }
        else if (sources.Readers.All(static x => x.Tombstones.Count == 0))
        {
            throw new CompactionException(CompactionFailure.WrongResult, $"nothing is left of {string.Join(", ", group.Ulids)}, in which nothing is deleted");
        }

        return meta;
    }

    /// <summary>What went wrong is a source's fault where one is damaged, else our own.</summary>
    private static async Task<CompactionException> ReasonAsync(SourceBlocks sources, string message, Exception? inner, CancellationToken cancellationToken)
    {
        var damaged = await sources.DamagedAsync(cancellationToken);
        return new CompactionException(damaged.Count > 0 ? CompactionFailure.Damaged : CompactionFailure.WrongResult, message, inner) { Damaged = damaged };
    }

    /// <summary>A merge has no more samples than its sources together, and no fewer than the largest of them.</summary>
    private static void RequireSamples(IReadOnlyList<BlockReader> sources, BlockMeta result)
    {
        var most = sources.Sum(static x => x.Meta.Stats.NumSamples);
        var least = sources.All(static x => x.Tombstones.Count == 0) ? sources.Max(static x => x.Meta.Stats.NumSamples) : 0;
        if (result.Stats.NumSamples < least || result.Stats.NumSamples > most)
        {
            throw new CompactionException(CompactionFailure.WrongResult, $"a merge has {result.Stats.NumSamples} samples, its sources {least} to {most}");
        }
    }

    private static BlockWriteOptions Options(IReadOnlyList<BlockReader> sources, CompactionGroup group, Ulid ulid) => new()
    {
        Ulid = ulid,
        MinTime = Math.Min(sources.Min(static x => x.Meta.MinTime), group.Blocks.Min(static x => x.MinTime)),
        MaxTime = Math.Max(sources.Max(static x => x.Meta.MaxTime), group.Blocks.Max(static x => x.MaxTime)),
        Level = group.Blocks.Max(static x => x.Level) + 1,
        Sources = [.. sources.SelectMany(static x => x.Meta.Compaction.Sources ?? [x.Meta.Ulid]).Distinct().Order(StringComparer.Ordinal)],
        Parents = [.. sources.Select(static x => new BlockParent(x.Meta.Ulid, x.Meta.MinTime, x.Meta.MaxTime))],
        Extension = new BlockExtension
        {
            Partitions = [.. sources.SelectMany(static x => x.Meta.Deucalion?.Partitions ?? []).Append(group.Partition.Value).Distinct().Order()],
            Generations = [.. group.Blocks.SelectMany(static x => x.Generations).Distinct().Order()],
            Sources = group.Ulids,
        },
    };

    // Minutes of work that must not keep the threads of requests.
    private static Task<T> OnThreadOfItsOwnAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
