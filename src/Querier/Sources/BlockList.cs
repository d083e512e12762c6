using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Common.Manifests;

namespace Deucalion.Querier.Sources;

/// <summary>The blocks of a tenant as its manifests listed them at one time. Immutable.</summary>
internal sealed class BlockList
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<ManifestBlock> _blocks = [];

    public BlockList(IReadOnlyList<Manifest> manifests)
    {
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var manifest in manifests)
        {
            foreach (var block in manifest.Blocks)
            {
                // A block that holds several partitions is listed by each.
                if (listed.Add(block.Ulid))
                {
                    _blocks.Add(block);
                }
            }

            _known.UnionWith(manifest.Retired.Select(r => r.Ulid));

            // Heads name deletions as they name hand-overs: a list from before one is read again.
            _known.UnionWith(manifest.Deletions.Select(d => d.Ulid));
        }

        _known.UnionWith(listed);
        Listed = listed;
    }

    /// <summary>No blocks.</summary>
    public static BlockList Empty { get; } = new([]);

    /// <summary>Names of the listed blocks.</summary>
    public IReadOnlySet<string> Listed { get; }

    /// <summary>The listed blocks of raw samples that overlap [minTime, maxTime], both inclusive.</summary>
    public List<ManifestBlock> Overlapping(long minTime, long maxTime)
    {
        var result = new List<ManifestBlock>();
        foreach (var block in _blocks)
        {
            if (block.Resolution == 0 && block.MinTime <= maxTime && block.MaxTime > minTime)
            {
                result.Add(block);
            }
        }

        return result;
    }

    /// <summary>The generations whose block the manifests neither list nor have retired, nor is known to be forgotten.</summary>
    public IEnumerable<TruncatedGeneration> Unknown(IReadOnlyList<TruncatedGeneration> truncated, ConcurrentDictionary<string, long> forgotten) =>
        truncated.Where(t => !_known.Contains(t.Ulid) && !forgotten.ContainsKey(t.Ulid));
}
