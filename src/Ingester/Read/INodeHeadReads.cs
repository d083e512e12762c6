using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;

namespace Deucalion.Ingester.Read;

/// <summary>
/// What one node answers from its heads; as <see cref="IHeadReads"/>, by partition and without a claim to be all. Thread-safe. Fails with
/// <see cref="PartitionUnavailableException"/> where the node gives no answer at all.
/// </summary>
internal interface INodeHeadReads
{
    /// <summary>Series with chunks. The answer belongs to the caller, who disposes it.</summary>
    ValueTask<NodeAnswer<ChunkSeriesBatch>> SelectAsync(NodeRead read, CancellationToken cancellationToken);

    /// <summary>Label sets.</summary>
    ValueTask<NodeAnswer<IReadOnlyList<Labels>>> SeriesAsync(NodeRead read, CancellationToken cancellationToken);

    /// <summary>Names of labels of matching series, in no order, each once a partition.</summary>
    ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelNamesAsync(NodeRead read, CancellationToken cancellationToken);

    /// <summary>Values of a label of matching series, in no order, each once a partition.</summary>
    ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelValuesAsync(NodeRead read, string name, CancellationToken cancellationToken);

    /// <summary>Metric metadata; matchers and times of the read do not count.</summary>
    ValueTask<NodeAnswer<IReadOnlyList<MetricMetadata>>> MetadataAsync(NodeRead read, CancellationToken cancellationToken);

    /// <summary>Exemplars of series that match all matchers of at least one of the lists; the matchers of the read do not count.</summary>
    ValueTask<NodeAnswer<IReadOnlyList<SeriesExemplars>>> ExemplarsAsync(
        NodeRead read, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, CancellationToken cancellationToken);

    /// <summary>Figures of whole heads; matchers and times of the read do not count.</summary>
    ValueTask<NodeAnswer<HeadFigures>> StatusAsync(NodeRead read, CancellationToken cancellationToken);
}

/// <summary>
/// Figures of one head: its status, with all metrics and pairs, and the distinct values of each label, which recur from head to head. What the status
/// says of labels follows from these and may be missing.
/// </summary>
internal sealed class HeadFigures(HeadStatus status, Dictionary<string, HashSet<string>> values)
{
    /// <summary>The status; set again only while an answer is being read.</summary>
    public HeadStatus Status { get; set; } = status;

    /// <summary>Values by label.</summary>
    public Dictionary<string, HashSet<string>> Values => values;
}
