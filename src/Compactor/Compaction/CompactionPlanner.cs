using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;

namespace Deucalion.Compactor.Compaction;

/// <summary>
/// Decides what is merged: the blocks of one partition that lie within one window, of the longest window that is over. So a day that is over becomes one
/// block in one step, and a late block is merged with the one that its window already has. Blocks of several partitions are not put together: a
/// manifest is changed at once, several are not. Pure.
/// </summary>
internal static class CompactionPlanner
{
    /// <summary>
    /// The groups, oldest first in each partition; a block is in one at most. <paramref name="now"/> is Unix milliseconds, blocks that
    /// <paramref name="isSetAside"/> names are left out.
    /// </summary>
    public static IReadOnlyList<CompactionGroup> Plan(
        IEnumerable<Manifest> manifests, CompactionOptions options, long now, Func<string, bool> isSetAside)
    {
        var groups = new List<CompactionGroup>();
        foreach (var manifest in manifests)
        {
            var left = manifest.Blocks.Where(x => x.Resolution == 0 && x.MaxTime > x.MinTime && !isSetAside(x.Ulid)).ToList();
            var found = new List<CompactionGroup>();
            foreach (var window in options.Levels.OrderDescending())
            {
                var taken = OfWindows(manifest.Partition, left, window, options, now).ToList();
                found.AddRange(taken);
                var ulids = taken.SelectMany(static x => x.Ulids).ToHashSet(StringComparer.Ordinal);
                left.RemoveAll(x => ulids.Contains(x.Ulid));
            }

            groups.AddRange(found.OrderBy(static x => x.Start));
        }

        return groups;
    }

    private static IEnumerable<CompactionGroup> OfWindows(
        PartitionId partition, List<ManifestBlock> blocks, TimeSpan window, CompactionOptions options, long now)
    {
        var length = (long)window.TotalMilliseconds;
        var settled = now - (long)options.Delay.TotalMilliseconds;
        var windows = blocks
            .Where(x => StartOf(x.MinTime, length) == StartOf(x.MaxTime - 1, length))
            .GroupBy(x => StartOf(x.MinTime, length));
        foreach (var group in windows)
        {
            var sources = group.OrderBy(static x => x.MinTime).ThenBy(static x => x.Ulid, StringComparer.Ordinal).ToList();
            if (group.Key + length > settled || (sources.Count < options.MaxSources && sources.Any(x => IsYoung(x, settled))))
            {
                continue;
            }

            foreach (var part in sources.Chunk(options.MaxSources).Where(static x => x.Length > 1))
            {
                yield return new CompactionGroup(partition, group.Key, window, part);
            }
        }
    }

    /// <summary>Whether a head has given the block just now: where one came late others are likely to follow.</summary>
    private static bool IsYoung(ManifestBlock block, long settled) => block.Level == 1 && Ulid.TryParse(block.Ulid, out var ulid) && ulid.Time > settled;

    // Rounds down, also before 1970.
    private static long StartOf(long time, long length) => time - (((time % length) + length) % length);
}
