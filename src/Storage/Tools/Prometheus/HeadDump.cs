using Deucalion.Common.Labels;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>The series of a head that one of the selectors selects; no selector selects all.</summary>
internal sealed class HeadDump(PrometheusHead head, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors) : IDumpSource
{
    private readonly int[] _series =
        [.. Enumerable.Range(0, head.SeriesCount).Where(i => selectors.Count == 0 || selectors.Any(s => head.Matches(i, s)))];

    /// <inheritdoc/>
    public int Count => _series.Length;

    /// <inheritdoc/>
    public Labels LabelsAt(int series) => head.Series[_series[series]].Labels;

    /// <inheritdoc/>
    public void AddTo(ChunkMerger merger, int series) => head.AddTo(merger, _series[series]);
}
