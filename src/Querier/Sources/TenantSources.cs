using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;
using Deucalion.Storage.Blocks;

namespace Deucalion.Querier.Sources;

/// <summary>
/// Heads and blocks of a tenant as one. Every read asks the heads first: samples move from a head to a block, so who looks at the blocks
/// afterwards misses none, provided that the list of blocks shows what the heads say they have handed over (<see cref="BlockCatalog"/>). Thread-safe.
/// </summary>
internal sealed class TenantSources(IHeadReads heads, BlockCatalog catalog, BlockStore blocks) : ITenantSources
{
    // Mapped blocks keep the cores busy, blocks in a bucket wait for it: twice the cores serves both.
    private static readonly int MaxParallelBlocks = 2 * Environment.ProcessorCount;

    public PromQL.Sources.IQueryable Samples(TenantId tenant) => new TenantQueryable(this, tenant);

    public async ValueTask<ISeriesSet> SelectAsync(TenantId tenant, SelectRequest request, CancellationToken cancellationToken)
    {
        var (matchers, minTime, maxTime) = (request.Matchers, request.MinTime, request.MaxTime);
        var set = new MergedSeriesSet(minTime, maxTime, cancellationToken);
        try
        {
            var head = await heads.SelectAsync(tenant, matchers, minTime, maxTime, cancellationToken);
            set.Add(head);
            var selections = await FromBlocksAsync(tenant, head.Truncated, minTime, maxTime, SelectBlockAsync, static s => s.Dispose(), set.Warn, cancellationToken);
            foreach (var selection in selections)
            {
                set.Add(selection);
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }

        async ValueTask<BlockSelection> SelectBlockAsync(BlockReader block)
        {
            var selection = await block.SelectAsync(matchers, minTime, maxTime, cancellationToken);
            try
            {
                await selection.LoadAsync(cancellationToken);
                return selection;
            }
            catch
            {
                selection.Dispose();
                throw;
            }
        }
    }

    public async ValueTask<IReadOnlyList<string>> LabelNamesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var head = await heads.LabelNamesAsync(tenant, matchers, minTime, maxTime, cancellationToken);
        return Union(head.Names, await FromBlocksAsync(
            tenant, head.Truncated, minTime, maxTime, b => b.LabelNamesAsync(matchers, cancellationToken), null, null, cancellationToken));
    }

    public async ValueTask<IReadOnlyList<string>> LabelValuesAsync(
        TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var head = await heads.LabelValuesAsync(tenant, name, matchers, minTime, maxTime, cancellationToken);
        return Union(head.Names, await FromBlocksAsync(
            tenant, head.Truncated, minTime, maxTime, b => b.LabelValuesAsync(name, matchers, cancellationToken), null, null, cancellationToken));
    }

    public async ValueTask<IReadOnlyCollection<Labels>> SeriesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var head = await heads.SeriesAsync(tenant, matchers, minTime, maxTime, cancellationToken);
        var series = new HashSet<Labels>(head.Series, LabelsComparer.Instance);
        foreach (var found in await FromBlocksAsync(
            tenant, head.Truncated, minTime, maxTime, b => b.SeriesAsync(matchers, minTime, maxTime, cancellationToken), null, null, cancellationToken))
        {
            series.UnionWith(found);
        }

        return series;
    }

    public ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken) =>
        heads.MetadataAsync(tenant, cancellationToken);

    public async ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken) =>
        [.. (await heads.ExemplarsAsync(tenant, selectors, minTime, maxTime, cancellationToken)).OrderBy(static s => s.Series)];

    public ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken) =>
        heads.StatusAsync(tenant, limit, cancellationToken);

    private static IReadOnlyList<string> Union(IReadOnlyList<string> fromHeads, IReadOnlyList<string>[] fromBlocks)
    {
        if (fromBlocks.Length == 0)
        {
            return fromHeads;
        }

        var union = new HashSet<string>(fromHeads, StringComparer.Ordinal);
        foreach (var names in fromBlocks)
        {
            union.UnionWith(names);
        }

        var sorted = union.ToArray();
        Array.Sort(sorted, Utf8Order.Compare);
        return sorted;
    }

    // A block can be deleted between the reading of its manifest and of its objects; the manifest of that time names its successor.
    private async ValueTask<T[]> FromBlocksAsync<T>(
        TenantId tenant,
        IReadOnlyList<TruncatedGeneration> truncated,
        long minTime,
        long maxTime,
        Func<BlockReader, ValueTask<T>> use,
        Action<T>? release,
        Action<string>? warn,
        CancellationToken cancellationToken)
    {
        var list = await catalog.CoveringAsync(tenant, truncated, minTime, warn, cancellationToken);
        try
        {
            return await UseAllAsync(tenant, list.Overlapping(minTime, maxTime), use, release, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            list = await catalog.RefreshAsync(tenant, cancellationToken);
            return await UseAllAsync(tenant, list.Overlapping(minTime, maxTime), use, release, cancellationToken);
        }
    }

    private async ValueTask<T[]> UseAllAsync<T>(
        TenantId tenant,
        List<ManifestBlock> wanted,
        Func<BlockReader, ValueTask<T>> use,
        Action<T>? release,
        CancellationToken cancellationToken)
    {
        if (wanted.Count < 2)
        {
            return wanted.Count == 0 ? [] : [await blocks.UseAsync(tenant, wanted[0].Ulid, use, cancellationToken)];
        }

        using var limit = new SemaphoreSlim(MaxParallelBlocks);
        var tasks = wanted.ConvertAll(block => Task.Run(
            async () =>
            {
                await limit.WaitAsync(cancellationToken);
                try
                {
                    return await blocks.UseAsync(tenant, block.Ulid, use, cancellationToken);
                }
                finally
                {
                    limit.Release();
                }
            },
            CancellationToken.None));
        try
        {
            return await Task.WhenAll(tasks);
        }
        catch when (release is not null)
        {
            foreach (var task in tasks.Where(static t => t.IsCompletedSuccessfully))
            {
                release(await task);
            }

            throw;
        }
    }
}
