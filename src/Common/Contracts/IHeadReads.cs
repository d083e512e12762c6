using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Contracts;

/// <summary>
/// Reads of recent data in the heads of all partitions of a tenant: implemented by the ingester role, used by the querier role. A partition
/// that cannot answer makes the call throw <see cref="PartitionUnavailableException"/>: never a silent gap. Thread-safe.
/// </summary>
public interface IHeadReads
{
    /// <summary>Series matching all matchers with chunks that overlap [minTime, maxTime] (inclusive). The answer belongs to the caller, who disposes it.</summary>
    ValueTask<HeadAnswer> SelectAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Label sets only, for the series endpoint: as <see cref="SelectAsync"/> without chunks.</summary>
    ValueTask<HeadSeriesAnswer> SeriesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Names of labels of matching series (all where no matchers are given), sorted, each once.</summary>
    ValueTask<HeadNamesAnswer> LabelNamesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Values of a label of matching series, sorted, each once.</summary>
    ValueTask<HeadNamesAnswer> LabelValuesAsync(TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Metric metadata as received, newest per metric family and partition.</summary>
    ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Exemplars with minTime ≤ time ≤ maxTime of series that match all matchers of at least one of the lists; each series once, exemplars in order of time.
    /// </summary>
    ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Figures for the TSDB status page, each list with at most <paramref name="limit"/> entries, largest first.</summary>
    ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken);
}

/// <summary>A generation that a head has handed over to a block: the reader must hold, or refresh to, a manifest that lists or has retired that block.</summary>
public readonly record struct TruncatedGeneration(int Partition, long Generation, string Ulid);

/// <summary>What the heads hold for a select.</summary>
public sealed class HeadAnswer(IReadOnlyList<ChunkSeriesBatch> batches, IReadOnlyList<TruncatedGeneration> truncated) : IDisposable
{
    /// <summary>One batch a partition and generation; a label set may occur in several.</summary>
    public IReadOnlyList<ChunkSeriesBatch> Batches { get; } = batches;

    /// <summary>Hand-overs recent enough that a reader's manifest may lack them.</summary>
    public IReadOnlyList<TruncatedGeneration> Truncated { get; } = truncated;

    /// <summary>Disposes the batches.</summary>
    public void Dispose()
    {
        foreach (var batch in Batches)
        {
            batch.Dispose();
        }
    }
}

/// <summary>Label sets found in heads; a set may occur more than once.</summary>
public sealed record HeadSeriesAnswer(IReadOnlyList<Labels.Labels> Series, IReadOnlyList<TruncatedGeneration> Truncated);

/// <summary>Sorted, distinct names or values.</summary>
public sealed record HeadNamesAnswer(IReadOnlyList<string> Names, IReadOnlyList<TruncatedGeneration> Truncated);

/// <summary>Metadata of a metric family.</summary>
/// <param name="Family">Metric family name.</param>
/// <param name="Type">counter, gauge, histogram, gaugehistogram, summary, info, stateset or unknown.</param>
/// <param name="Help">Help text.</param>
/// <param name="Unit">Unit.</param>
public sealed record MetricMetadata(string Family, string Type, string Help, string Unit);

/// <summary>An exemplar: its own labels, value, time in Unix milliseconds.</summary>
public sealed record Exemplar(Labels.Labels Labels, double Value, long Time);

/// <summary>The exemplars of a series.</summary>
public sealed record SeriesExemplars(Labels.Labels Series, IReadOnlyList<Exemplar> Exemplars);

/// <summary>A name with a figure.</summary>
public readonly record struct NamedCount(string Name, long Value);

/// <summary>Figures of a tenant's heads; times are Unix milliseconds.</summary>
public sealed record HeadStatus
{
    /// <summary>Active series.</summary>
    public required long Series { get; init; }

    /// <summary>Distinct label pairs.</summary>
    public required long LabelPairs { get; init; }

    /// <summary>Chunks.</summary>
    public required long Chunks { get; init; }

    /// <summary>Oldest sample, or long.MaxValue without samples.</summary>
    public required long MinTime { get; init; }

    /// <summary>Newest sample, or long.MinValue without samples.</summary>
    public required long MaxTime { get; init; }

    /// <summary>Series of each metric name.</summary>
    public required IReadOnlyList<NamedCount> SeriesByMetric { get; init; }

    /// <summary>Values of each label name.</summary>
    public required IReadOnlyList<NamedCount> ValuesByLabel { get; init; }

    /// <summary>Bytes of all values of each label name.</summary>
    public required IReadOnlyList<NamedCount> BytesByLabel { get; init; }

    /// <summary>Series of each pair, named <c>name=value</c>.</summary>
    public required IReadOnlyList<NamedCount> SeriesByPair { get; init; }
}

/// <summary>A partition that should answer cannot; retryable.</summary>
public sealed class PartitionUnavailableException(string message, Exception? inner) : Exception(message, inner);
