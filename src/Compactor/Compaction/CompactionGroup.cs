using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;

namespace Deucalion.Compactor.Compaction;

/// <summary>Blocks of one partition that become one.</summary>
/// <param name="Partition">Whose manifest lists them.</param>
/// <param name="Start">First millisecond of the window that they lie in.</param>
/// <param name="Window">Length of the window.</param>
/// <param name="Blocks">Two or more, in order of time.</param>
internal sealed record CompactionGroup(PartitionId Partition, long Start, TimeSpan Window, IReadOnlyList<ManifestBlock> Blocks)
{
    /// <summary>Size of all of them.</summary>
    public long Bytes => Blocks.Sum(static x => x.Bytes);

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Ulids => [.. Blocks.Select(static x => x.Ulid)];
}
