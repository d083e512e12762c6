using Deucalion.Common.Labels;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools;

/// <summary>Series in order of their labels whose chunks a merger can take.</summary>
internal interface IDumpSource
{
    /// <summary>Number of series.</summary>
    int Count { get; }

    /// <summary>Labels of a series.</summary>
    Labels LabelsAt(int series);

    /// <summary>Offers the chunks of a series to a merger.</summary>
    void AddTo(ChunkMerger merger, int series);
}
