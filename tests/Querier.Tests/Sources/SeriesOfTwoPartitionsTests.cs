using Deucalion.Common.Tenants;
using Xunit;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>
/// While a tenant grows, nodes that know its new width and nodes that do not send samples of one series to two partitions, in turns; what was sent again may
/// be in both. A query sees one series.
/// </summary>
public sealed class SeriesOfTwoPartitionsTests : IDisposable
{
    private readonly SourcesFixture _fixture = new();

    public SeriesOfTwoPartitionsTests() =>
        _fixture.Heads.Series =
        [
            TestSeries.Of("a", (1000, 1), (3000, 3), (5000, 5)),
            TestSeries.Of("b", (3000, 30)),
            TestSeries.Of("a", (2000, 2), (3000, 3), (4000, 4)),
        ];

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AreReadAsOne_WithEachSampleOnce()
    {
        Assert.Equal(["a 1000=1 2000=2 3000=3 4000=4 5000=5", "b 3000=30"], await _fixture.SelectAsync());
        Assert.Equal(["a 2000=2 3000=3 4000=4", "b 3000=30"], await _fixture.SelectAsync(2000, 4500));
    }

    [Fact]
    public async Task AreListedOnce()
    {
        var series = await _fixture.Sources.SeriesAsync(TenantId.Anonymous, SourcesFixture.All, 0, 6000, CancellationToken.None);
        Assert.Equal(["a", "b"], series.Select(static labels => labels.Get("__name__")).Order(StringComparer.Ordinal));
    }
}
