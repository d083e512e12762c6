using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Tests.Read;

/// <summary>A node that answers as a test says: with a batch of one series, named by the node, for each partition that it leads.</summary>
internal sealed class FakeHeadNode(string name) : INodeHeadReads
{
    private readonly List<IReadOnlySet<PartitionId>?> _asked = [];
    private readonly List<ChunkSeriesBatch> _given = [];

    public ReadTarget Target { get; init; } = new(name, name + ":9096", IsSelf: false);

    /// <summary>Partitions that it answers for.</summary>
    public HashSet<int> Leads { get; set; } = [];

    /// <summary>Partitions that it has and cannot answer for.</summary>
    public Dictionary<int, string?> Follows { get; set; } = [];

    /// <summary>Called with the number of the question, from 1, before it is answered; may throw, change the node, or wait.</summary>
    public Func<int, CancellationToken, Task>? Before { get; set; }

    /// <summary>What each question was restricted to.</summary>
    public IReadOnlyList<IReadOnlySet<PartitionId>?> Asked
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked];
            }
        }
    }

    /// <summary>Batches that were given away and not disposed.</summary>
    public int Open => _given.Count(static x => x.Count > 0);

    public async ValueTask<NodeAnswer<ChunkSeriesBatch>> SelectAsync(NodeRead read, CancellationToken cancellationToken)
    {
        int number;
        lock (_asked)
        {
            _asked.Add(read.Only);
            number = _asked.Count;
        }

        if (Before is { } before)
        {
            await before(number, cancellationToken);
        }

        var leads = Leads.Select(static x => new PartitionId(x)).Where(x => read.Only?.Contains(x) ?? true).ToList();
        var contents = leads.ConvertAll(x => new PartitionAnswer<ChunkSeriesBatch>(x, Batch(x), [new TruncatedGeneration(x.Value, 1, name)]));
        return new NodeAnswer<ChunkSeriesBatch>(
            contents, leads, [.. Follows.Select(static x => new UnansweredPartition(new PartitionId(x.Key), x.Value)).Where(x => read.Only?.Contains(x.Partition) ?? true)]);
    }

    public ValueTask<NodeAnswer<IReadOnlyList<Labels>>> SeriesAsync(NodeRead read, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelNamesAsync(NodeRead read, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelValuesAsync(NodeRead read, string label, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NodeAnswer<IReadOnlyList<MetricMetadata>>> MetadataAsync(NodeRead read, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NodeAnswer<IReadOnlyList<SeriesExemplars>>> ExemplarsAsync(
        NodeRead read, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NodeAnswer<HeadFigures>> StatusAsync(NodeRead read, CancellationToken cancellationToken) => throw new NotSupportedException();

    private ChunkSeriesBatch Batch(PartitionId partition)
    {
        var batch = new ChunkSeriesBatch();
        batch.BeginSeries(Labels.Of(("partition", partition.ToString()), ("node", name)));
        lock (_given)
        {
            _given.Add(batch);
        }

        return batch;
    }
}
