using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Testing.RemoteWrite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Deucalion.Ingester.Tests;

/// <summary>Histograms, exemplars and start times over real HTTP into an ingester, read back from heads and blocks.</summary>
public sealed class AllKindsTests : IAsyncLifetime
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 60_000;
    private static readonly LabelMatcher[] All = [new(Common.Labels.MatchType.NotEqual, "__name__", "")];

    private readonly IngesterFixture _ingester = new(1);
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        await _ingester.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _ingester.Module.Map(_app);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        await _ingester.DisposeAsync();
    }

    [Fact]
    public async Task AllKindsAreReadable_FromHeadsAndBlocks_AlsoWhenSentTwice()
    {
        var request = new WriteRequestV2Encoder();
        for (var i = 0; i < 20; i++)
        {
            request.Series(new SentSeries(("__name__", "counter_total"), ("series", IngesterFixture.Name(i)))
            {
                Samples = [new(Now, 1, Now - 5000), new(Now + 1000, 2, Now - 5000)],
                Exemplars = [new(Now + 500, 7, ("trace_id", "t" + i))],
                Metadata = (1, "Help.", ""),
            });
            request.Series(new SentSeries(("__name__", "latency"), ("series", IngesterFixture.Name(i)))
            {
                Histograms = [new(Now, Histogram(3), true, Now - 5000), new(Now + 1000, Histogram(5), true, Now - 5000)],
            });
        }

        for (var round = 0; round < 2; round++)
        {
            using var answer = await Pushing.PushAsync(_client, request);
            Assert.Equal(204, (int)answer.StatusCode);
            Assert.Equal("40,40,20", Written(answer));
        }

        Assert.Equal("counter_total counter Help.", string.Join(';', (await _ingester.Module.HeadReads.MetadataAsync(TenantId.Anonymous, CancellationToken.None)).Select(m => $"{m.Family} {m.Type} {m.Help}")));
        var exemplars = await ExemplarsAsync([All], long.MinValue, long.MaxValue);
        Assert.Equal(20, exemplars.Count);
        Assert.Equal(exemplars.Select(e => e.Series).Order(), exemplars.Select(e => e.Series));
        Assert.All(exemplars, e => Assert.Equal([new Exemplar(Labels.Of(("trace_id", "t" + e.Series.Get("series"))), 7, Now + 500)], e.Exemplars));
        Assert.Empty(await ExemplarsAsync([All], Now + 501, long.MaxValue));
        Assert.Equal(2, (await ExemplarsAsync([[Is("series", "3")], [Is("series", "4")], [Is("series", "3"), Is("__name__", "counter_total")]], long.MinValue, long.MaxValue)).Count);

        var expected = Enumerable.Range(0, 20)
            .SelectMany(i => new[] { $"counter_total/{i}: 0@-5000=1 1000@-5000=2", $"latency/{i}: 0@-5000=3 1000@-5000=5" }).Order(StringComparer.Ordinal).ToList();
        using (var head = await _ingester.Module.HeadReads.SelectAsync(TenantId.Anonymous, All, long.MinValue, long.MaxValue, CancellationToken.None))
        {
            Assert.Equal(expected, head.Batches.SelectMany(Texts).Order(StringComparer.Ordinal));
        }

        using var flush = await _client.PostAsync("/ingester/flush?wait=true", null);
        Assert.Equal(204, (int)flush.StatusCode);
        Assert.Equal(expected, (await FromBlocksAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ExemplarsThatAreNotKept_DoNotMakeARequestFail()
    {
        using (var first = await Pushing.PushAsync(_client, new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a"))
        {
            Samples = [new(Now, 1)],
            Exemplars = [new(Now, 1), new(Now - 1000, 1), new(Now + 86_400_000, 1)],
        }).Series(new SentSeries(("__name__", "unknown")) { Exemplars = [new(Now, 1)] })))
        {
            Assert.Equal((204, "1,0,1"), ((int)first.StatusCode, Written(first)));
        }

        Assert.Equal(["{__name__=\"a\"}"], (await ExemplarsAsync([All], long.MinValue, long.MaxValue)).Select(e => e.Series.ToString()));
    }

    [Fact]
    public async Task HistogramsThatTheHeadRefuses_AreNamed_AndTheRestIsStored()
    {
        var series = new SentSeries(("__name__", "latency"), ("series", "1"));
        using (await Pushing.PushAsync(_client, new WriteRequestV2Encoder().Series(series with { Histograms = [new(Now, Histogram(3), true)] })))
        {
        }

        using var answer = await Pushing.PushAsync(_client, new WriteRequestV2Encoder().Series(series with
        {
            Histograms = [new(Now, Histogram(4), true), new(Now + 1, Histogram(4), true), new(Now + 86_400_000, Histogram(5), true)],
            Samples = [new(Now + 2, 1)],
        }));
        Assert.Equal((400, "1,1,0"), ((int)answer.StatusCode, Written(answer)));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("duplicate_timestamp: 1", text, StringComparison.Ordinal);
        Assert.Contains("too_far_in_future: 1", text, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"histogram at {Now} ms of series {{__name__=\"latency\", series=\"1\"}}"), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartTimesThatNoHeadHolds_AreForgotten()
    {
        var series = new SentSeries(("__name__", "latency"), ("series", "1"));
        foreach (var start in new[] { long.MinValue, -(1L << 53) - 1, -(1L << 53), long.MaxValue })
        {
            using var answer = await Pushing.PushAsync(_client, new WriteRequestV2Encoder().Series(series with
            {
                Histograms = [new(Now, Histogram(3), true, start)],
                Samples = [new(Now + 1, 1, start)],
            }));
            Assert.Equal((204, "1,1,0"), ((int)answer.StatusCode, Written(answer)));
        }
    }

    private static FloatHistogram Histogram(int count) => new() { Schema = 2, Count = count, Sum = count, PositiveSpans = [new(-1, 1), new(3, 1)], PositiveBuckets = [count - 1, 1] };

    private static LabelMatcher Is(string name, string value) => new(Common.Labels.MatchType.Equal, name, value);

    private static string Written(HttpResponseMessage answer) => string.Join(
        ',', new[] { "Samples", "Histograms", "Exemplars" }.Select(kind => answer.Headers.GetValues($"X-Prometheus-Remote-Write-{kind}-Written").Single()));

    private async Task<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long min, long max) =>
        await _ingester.Module.HeadReads.ExemplarsAsync(TenantId.Anonymous, selectors, min, max, CancellationToken.None);

    private async Task<List<string>> FromBlocksAsync()
    {
        var texts = new List<string>();
        await foreach (var manifest in new ManifestStore(_ingester.Objects).ListAsync(TenantId.Anonymous, CancellationToken.None))
        {
            foreach (var block in manifest.Blocks)
            {
                using var reader = await BlockReader.OpenAsync(_ingester.Objects, BlockUpload.Prefix(TenantId.Anonymous, block.Ulid), CancellationToken.None);
                using var selection = await reader.SelectAsync(All, long.MinValue, long.MaxValue, CancellationToken.None);
                await selection.LoadAsync(CancellationToken.None);
                using var batch = new ChunkSeriesBatch();
                selection.CopyTo(batch);
                texts.AddRange(Texts(batch));
            }
        }

        return texts;
    }

    /// <summary>One line a series: times relative to now, start times, values or counts.</summary>
    private static List<string> Texts(ChunkSeriesBatch batch)
    {
        var texts = new List<string>();
        var buffer = new SampleBuffer();
        for (var s = 0; s < batch.Count; s++)
        {
            buffer.Clear();
            foreach (var chunk in batch.ChunksAt(s))
            {
                ChunkDecoder.Decode(chunk.Encoding, batch.Bytes(chunk), long.MinValue, long.MaxValue, buffer);
            }

            var samples = new List<string>();
            for (var i = 0; i < buffer.Count; i++)
            {
                samples.Add(Text(buffer.Times[i], buffer.StartTimes[i], buffer.Values[i]));
            }

            foreach (var sample in buffer.Histograms)
            {
                samples.Add(Text(sample.Time, sample.StartTime, sample.Histogram.Count));
            }

            texts.Add($"{batch.LabelsAt(s).Get("__name__")}/{batch.LabelsAt(s).Get("series")}: {string.Join(' ', samples)}");
        }

        return texts;
    }

    private static string Text(long time, long start, double value) => string.Create(CultureInfo.InvariantCulture, $"{time - Now}@{start - Now}={value}");
}
