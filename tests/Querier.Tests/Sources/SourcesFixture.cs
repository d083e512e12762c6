using System.Diagnostics.Metrics;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;
using Deucalion.Querier.Sources;
using Microsoft.Extensions.DependencyInjection;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>Tenant sources over fakes.</summary>
internal sealed class SourcesFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public SourcesFixture(QuerierOptions? options = null, TimeProvider? time = null)
    {
        options ??= new QuerierOptions();
        time ??= TimeProvider.System;
        var metrics = new QuerierMetrics(Meters);
        Catalog = new BlockCatalog(Manifests, options, metrics, time);
        Blocks = new BlockStore(Store, null, Catalog, options, metrics, time);
        Sources = new TenantSources(Heads, Catalog, Blocks);
    }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public FakeHeads Heads { get; } = new();

    public FakeManifests Manifests { get; } = new();

    public MemoryObjectStore Store { get; } = new();

    public BlockCatalog Catalog { get; }

    public BlockStore Blocks { get; }

    public TenantSources Sources { get; }

    public static readonly LabelMatcher[] All = [new(MatchType.NotEqual, "__name__", "")];

    /// <summary>Puts a block into the bucket; it is not published.</summary>
    public Task<string> PutBlockAsync(params TestSeries[] series) => TestSeries.PutBlockAsync(Store, "anonymous", series);

    /// <summary>All samples as "name time=value …" lines, sorted.</summary>
    public async Task<string[]> SelectAsync(long minTime = 0, long maxTime = 1_000_000)
    {
        using var set = await Sources.Samples(TenantId.Anonymous).SelectAsync(
            new SelectRequest { Matchers = All, MinTime = minTime, MaxTime = maxTime }, CancellationToken.None);
        return Lines(set);
    }

    public static string[] Lines(ISeriesSet set)
    {
        var buffer = new SampleBuffer();
        var lines = new List<string>();
        for (var i = 0; i < set.Count; i++)
        {
            set.Read(i, buffer);
            lines.Add($"{set.LabelsAt(i).Get("__name__")} {string.Join(' ', Enumerable.Range(0, buffer.Count).Select(j => $"{buffer.Times[j]}={buffer.Values[j]}"))}");
        }

        lines.Sort(StringComparer.Ordinal);
        return [.. lines];
    }

    public void Dispose()
    {
        Blocks.Dispose();
        _services.Dispose();
    }
}
