using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools;

/// <summary>The series selected from a block.</summary>
internal sealed class BlockDump(BlockSelection selection) : IDumpSource
{
    /// <inheritdoc/>
    public int Count => selection.Count;

    /// <inheritdoc/>
    public Labels LabelsAt(int series) => selection.LabelsAt(series);

    /// <inheritdoc/>
    public void AddTo(ChunkMerger merger, int series) => selection.AddTo(merger, series);
}
