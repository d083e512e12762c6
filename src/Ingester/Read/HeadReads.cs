using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Read;

/// <summary>
/// Reads the heads of all partitions of a tenant, beside their actors and without locks. Every partition that holds anything of the tenant is asked,
/// whatever its width is now. Thread-safe.
/// </summary>
internal sealed class HeadReads(PartitionHost host) : IHeadReads
{
    /// <inheritdoc/>
    public async ValueTask<HeadAnswer> SelectAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(tenant, head =>
        {
            var batch = new ChunkSeriesBatch();
            head.Select(matchers, minTime, maxTime, batch, cancellationToken);
            return batch;
        }, cancellationToken);
        return new HeadAnswer([.. answers.Select(static x => x.Result)], Truncated(answers));
    }

    /// <inheritdoc/>
    public async ValueTask<HeadSeriesAnswer> SeriesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(tenant, head =>
        {
            var series = new List<Labels>();
            head.Series(matchers, minTime, maxTime, series, cancellationToken);
            return series;
        }, cancellationToken);
        return new HeadSeriesAnswer([.. answers.SelectMany(static x => x.Result)], Truncated(answers));
    }

    /// <inheritdoc/>
    public ValueTask<HeadNamesAnswer> LabelNamesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        NamesAsync(tenant, (head, names) => head.LabelNames(matchers, minTime, maxTime, names, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<HeadNamesAnswer> LabelValuesAsync(
        TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        NamesAsync(tenant, (head, names) => head.LabelValues(name, matchers, minTime, maxTime, names, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(tenant, static head => head.Metadata(), cancellationToken);
        return [.. answers.SelectMany(static x => x.Result)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(tenant, head =>
        {
            var found = new List<SeriesExemplars>();
            head.Exemplars(selectors, minTime, maxTime, found, cancellationToken);
            return found;
        }, cancellationToken);
        return ExemplarMerge.Merge([.. answers.Select(static x => x.Result)]);
    }

    /// <inheritdoc/>
    public async ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken)
    {
        // Whole lists of each head: what is eleventh in each may be first in all, and values recur from head to head.
        var answers = await EachAsync(tenant, static head => (Status: head.Status(int.MaxValue), Values: LabelValueSets.Of(head)), cancellationToken);
        return HeadStatusMerge.Merge([.. answers.Select(static x => x.Result.Status)], LabelValueSets.Union(answers.Select(static x => x.Result.Values)), limit);
    }

    private async ValueTask<HeadNamesAnswer> NamesAsync(
        TenantId tenant, Action<TenantHead, HashSet<string>> read, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(tenant, head =>
        {
            var names = new HashSet<string>();
            read(head, names);
            return names;
        }, cancellationToken);
        var all = new HashSet<string>();
        foreach (var answer in answers)
        {
            all.UnionWith(answer.Result);
        }

        var sorted = all.ToList();
        sorted.Sort(Utf8Order.Compare);
        return new HeadNamesAnswer(sorted, Truncated(answers));
    }

    /// <summary>Asks each head of the tenant, several at once; the truncations are those known after the head was read.</summary>
    private async Task<IReadOnlyList<HeadResult<T>>> EachAsync<T>(TenantId tenant, Func<TenantHead, T> ask, CancellationToken cancellationToken)
    {
        using var read = host.BeginRead();
        var heads = read.Partitions.Select(x => x.State.Find(tenant)?.Head).Where(static x => x is not null).Select(static x => x!).ToList();
        var results = new HeadResult<T>[heads.Count];
        if (heads.Count == 1)
        {
            results[0] = new HeadResult<T>(ask(heads[0]), heads[0].TruncatedGenerations);
            return results;
        }

        // The read ends, in any case, only after all of them have: Parallel waits for those it started.
        await Parallel.ForAsync(0, heads.Count, cancellationToken, (i, _) =>
        {
            results[i] = new HeadResult<T>(ask(heads[i]), heads[i].TruncatedGenerations);
            return ValueTask.CompletedTask;
        });
        return results;
    }

    /// <summary>What was handed over; generations without a sample became no block, so there is none to look for.</summary>
    private static List<TruncatedGeneration> Truncated<T>(IReadOnlyList<HeadResult<T>> answers) =>
        [.. answers.SelectMany(static x => x.Truncated).Where(static x => x.Ulid.Length > 0)];

    private readonly record struct HeadResult<T>(T Result, IReadOnlyList<TruncatedGeneration> Truncated);
}
