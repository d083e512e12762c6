using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Sources;
using Xunit;

namespace Deucalion.PromQL.Tests.Engine;

/// <summary>A canceled query does no more work: counted in series read, not in time.</summary>
public sealed class CancellationTests
{
    private const int Workers = 4;
    private const int Series = 20_000;

    [Theory]
    [InlineData("m")]
    [InlineData("sum by (job) (rate(m[5m]))")]
    [InlineData("topk(5, m)")]
    [InlineData("quantile by (job) (0.9, m)")]
    [InlineData("count_values(\"v\", m)")]
    [InlineData("m / on (i) m")]
    [InlineData("m and on (job) m")]
    [InlineData("m or m offset 1m")]
    [InlineData("sort(m)")]
    [InlineData("max_over_time(sum by (job) (m)[10m:1m])")]
    [InlineData("label_replace(m, \"x\", \"$1\", \"i\", \"(.*)\")")]
    [InlineData("histogram_quantile(0.9, m)")]
    [InlineData("absent(m)")]
    [InlineData("scalar(m)")]
    public async Task ReadsNoFurtherSeries_WhenCanceled(string query)
    {
        using var client = new CancellationTokenSource();
        var source = new CountingSource(client, cancelAt: 1000);
        var engine = new PromQlEngine(new EngineOptions { MaxWorkers = Workers }, TimeProvider.System, null);
        var e = await Assert.ThrowsAsync<QueryException>(
            async () => await engine.RangeAsync(source, query, 0, 600_000, 60_000, QueryOptions.Default, client.Token));
        Assert.Equal(QueryErrorKind.Canceled, e.Kind);
        Assert.True(source.Reads >= 1000);

        // Each thread may have looked at the token just before, and some operators read a series twice for one step of theirs.
        Assert.InRange(source.ReadsAfterCancel, 0, 2 * Workers);
        var reads = source.Reads;
        Assert.True(source.IsDisposed);
        Assert.Equal(reads, source.Reads);
    }

    private sealed class CountingSource(CancellationTokenSource client, int cancelAt) : Deucalion.PromQL.Sources.IQueryable, ISeriesSet
    {
        private readonly LabelSets _labels = LabelSets.Of(Enumerable.Range(0, Series).Select(static index => Labels.Of(
            ("__name__", "m"), ("i", index.ToString(CultureInfo.InvariantCulture)), ("job", (index % 7).ToString(CultureInfo.InvariantCulture)), ("le", "1"))));

        private int _reads;
        private int _afterCancel;
        private volatile bool _canceled;

        public int Reads => Volatile.Read(ref _reads);

        public int ReadsAfterCancel => Volatile.Read(ref _afterCancel);

        public bool IsDisposed { get; private set; }

        public int Count => Series;

        public IReadOnlyList<string> Warnings => [];

        public ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken) => new(this);

        public LabelPairs Pairs => _labels.Pairs;

        public ReadOnlySpan<int> PairsAt(int index) => _labels.PairsAt(index);

        public Labels LabelsAt(int index) => _labels.LabelsAt(index);

        public void Read(int index, SampleBuffer buffer)
        {
            // Counted from when the cancellation has reached all that is linked to it.
            if (_canceled)
            {
                Interlocked.Increment(ref _afterCancel);
            }

            if (Interlocked.Increment(ref _reads) == cancelAt)
            {
                client.Cancel();
                _canceled = true;
            }

            buffer.Clear();
            for (var t = 0; t <= 600_000; t += 30_000)
            {
                buffer.Add(t, t + index);
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
