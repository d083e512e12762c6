using System.Runtime.CompilerServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Threads;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Read;

/// <summary>
/// Reads the heads of this node's partitions, beside their actors and without locks. Every partition that holds anything of the tenant is asked,
/// whatever the tenant's width is now; whether it may answer is asked once it has been read. Thread-safe.
/// </summary>
internal sealed class LocalHeadReads(IReadablePartitions partitions) : INodeHeadReads
{
    // What takes less than a millisecond is done where it is asked for; more is done on the query threads, so that it keeps no core from short requests.
    private const long ManySeries = 4096;

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<ChunkSeriesBatch>> SelectAsync(NodeRead read, CancellationToken cancellationToken)
    {
        using var begun = partitions.BeginRead();
        var answered = new List<PartitionId>(begun.Partitions.Count);
        var held = new List<HeldHead>();
        var unanswered = Sort(begun.Partitions, read, answered, held);
        var selects = held.ConvertAll(x => x.Head.BeginSelect(read.Matchers, read.MinTime, read.MaxTime, cancellationToken));
        try
        {
            Run(selects, cancellationToken);
        }
        catch
        {
            selects.ForEach(static select => select.Batch?.Dispose());
            throw;
        }

        var contents = new PartitionAnswer<ChunkSeriesBatch>[held.Count];
        for (var i = 0; i < contents.Length; i++)
        {
            contents[i] = Answer(held[i], selects[i].Batch ?? new ChunkSeriesBatch());
        }

        return new(Judge(held, contents, answered, unanswered));
    }

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<Labels>>> SeriesAsync(NodeRead read, CancellationToken cancellationToken) => EachAsync<IReadOnlyList<Labels>>(read, head =>
    {
        var series = new List<Labels>();
        head.Series(read.Matchers, read.MinTime, read.MaxTime, series, cancellationToken);
        return series;
    }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelNamesAsync(NodeRead read, CancellationToken cancellationToken) => EachAsync<IReadOnlyCollection<string>>(read, head =>
    {
        var names = new HashSet<string>();
        head.LabelNames(read.Matchers, read.MinTime, read.MaxTime, names, cancellationToken);
        return names;
    }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelValuesAsync(NodeRead read, string name, CancellationToken cancellationToken) =>
        EachAsync<IReadOnlyCollection<string>>(read, head =>
        {
            var values = new HashSet<string>();
            head.LabelValues(name, read.Matchers, read.MinTime, read.MaxTime, values, cancellationToken);
            return values;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<MetricMetadata>>> MetadataAsync(NodeRead read, CancellationToken cancellationToken) =>
        EachAsync(read, static head => head.Metadata(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<SeriesExemplars>>> ExemplarsAsync(
        NodeRead read, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, CancellationToken cancellationToken) => EachAsync<IReadOnlyList<SeriesExemplars>>(read, head =>
    {
        var found = new List<SeriesExemplars>();
        head.Exemplars(selectors, read.MinTime, read.MaxTime, found, cancellationToken);
        return found;
    }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<HeadFigures>> StatusAsync(NodeRead read, CancellationToken cancellationToken) =>
        // Whole lists of each head: what is eleventh in each may be first in all, and values recur from head to head.
        EachAsync(read, static head => new HeadFigures(head.Status(int.MaxValue), LabelValueSets.Of(head)), cancellationToken);

    /// <summary>Asks each head of the tenant, several at once; the truncations are those known after the head was read.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<NodeAnswer<T>> EachAsync<T>(NodeRead read, Func<TenantHead, T> ask, CancellationToken cancellationToken)
    {
        using var begun = partitions.BeginRead();
        var answered = new List<PartitionId>(begun.Partitions.Count);
        var held = new List<HeldHead>();
        var unanswered = Sort(begun.Partitions, read, answered, held);
        var contents = new PartitionAnswer<T>[held.Count];
        if (held.Count == 1)
        {
            contents[0] = Read(held[0], ask);
        }
        else
        {
            try
            {
                // The read ends, in any case, only after all of them have: Parallel waits for those it started.
                await Parallel.ForAsync(0, held.Count, cancellationToken, (i, _) =>
                {
                    contents[i] = Read(held[i], ask);
                    return ValueTask.CompletedTask;
                });
            }
            catch
            {
                foreach (var content in contents)
                {
                    content.Dispose();
                }

                throw;
            }
        }

        return Judge(held, contents, answered, unanswered);
    }

    /// <summary>Sorts partitions into those that hold nothing of the tenant, those to read, and those that may not answer anyway, which it returns.</summary>
    private static List<UnansweredPartition>? Sort(
        IReadOnlyCollection<IReadablePartition> partitions, NodeRead read, List<PartitionId> answered, List<HeldHead> held)
    {
        List<UnansweredPartition>? unanswered = null;
        foreach (var partition in partitions)
        {
            if (read.Only is { } only && !only.Contains(partition.Partition))
            {
                continue;
            }

            // That there is nothing of the tenant is an answer too: this has to be the place to ask before that is looked for, and still afterwards.
            var mayAnswer = partition.MayAnswer();
            var part = mayAnswer ? partition.State.Find(read.Tenant) : null;
            if (part is not null)
            {
                held.Add(new HeldHead(partition, part.Head));
            }
            else if (mayAnswer && partition.MayAnswer())
            {
                answered.Add(partition.Partition);
            }
            else
            {
                (unanswered ??= []).Add(new UnansweredPartition(partition.Partition, partition.Refusal));
            }
        }

        return unanswered;
    }

    private static void Run(List<HeadSelect> selects, CancellationToken cancellationToken)
    {
        if (selects.Sum(static select => select.Bound()) < ManySeries)
        {
            selects.ForEach(static select => select.Run());
        }
        else
        {
            SlicedJob.RunAll(selects, cancellationToken);
        }
    }

    private static PartitionAnswer<T> Read<T>(HeldHead held, Func<TenantHead, T> ask) => Answer(held, ask(held.Head));

    /// <summary>The value is read: the hand-overs are those known after that.</summary>
    private static PartitionAnswer<T> Answer<T>(HeldHead held, T value) =>
        new(held.Partition.Partition, value, HandedOver(held.Head.TruncatedGenerations));

    /// <summary>Keeps what is complete: a partition that lost its place while it was read may lack what its successor has acknowledged.</summary>
    private static NodeAnswer<T> Judge<T>(
        List<HeldHead> held, PartitionAnswer<T>[] contents, List<PartitionId> answered, List<UnansweredPartition>? unanswered)
    {
        var kept = 0;
        for (var i = 0; i < contents.Length; i++)
        {
            var partition = held[i].Partition;
            if (partition.MayAnswer())
            {
                answered.Add(partition.Partition);
                contents[kept++] = contents[i];
            }
            else
            {
                contents[i].Dispose();
                (unanswered ??= []).Add(new UnansweredPartition(partition.Partition, partition.Refusal));
            }
        }

        return new NodeAnswer<T>(kept == contents.Length ? contents : contents[..kept], answered, unanswered ?? (IReadOnlyList<UnansweredPartition>)[]);
    }

    /// <summary>What was handed over; generations without a sample became no block, so there is none to look for.</summary>
    private static IReadOnlyList<TruncatedGeneration> HandedOver(IReadOnlyList<TruncatedGeneration> truncated)
    {
        var count = 0;
        foreach (var generation in truncated)
        {
            count += generation.Ulid.Length > 0 ? 1 : 0;
        }

        return count == truncated.Count ? truncated : [.. truncated.Where(static x => x.Ulid.Length > 0)];
    }

    private readonly record struct HeldHead(IReadablePartition Partition, TenantHead Head);
}
