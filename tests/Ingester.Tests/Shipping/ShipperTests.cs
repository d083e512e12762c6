using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Testing.Objects;
using Xunit;

namespace Deucalion.Ingester.Tests.Shipping;

public sealed class ShipperTests : IAsyncDisposable
{
    private const long Hour = 3_600_000;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);
    private readonly Dictionary<(string, long), double> _expected = [];

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task FlushMovesEverythingFromTheHeadsToListedBlocks()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        await FlushAsync();
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
        var blocks = await _ingester.BlocksAsync(TenantId.Anonymous);
        Assert.Equal(_expected.Count, blocks.Sum(x => x.Samples));
        Assert.All(blocks, x => Assert.True(x is { Level: 1, Series: > 0, Bytes: > 0 }));
        await FlushAsync();
        Assert.Equal(blocks.Count, (await _ingester.BlocksAsync(TenantId.Anonymous)).Count);
    }

    [Fact]
    public async Task HeadsNameTheBlocksThatTheyHandedOver()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        await FlushAsync();
        using var answer = await _ingester.Module.HeadReads.SelectAsync(
            TenantId.Anonymous, [new LabelMatcher(Common.Labels.MatchType.Equal, "__name__", "metric")], 0, long.MaxValue, CancellationToken.None);
        Assert.Equal(
            (await _ingester.BlocksAsync(TenantId.Anonymous)).Select(x => x.Ulid).Order(StringComparer.Ordinal),
            answer.Truncated.Select(x => x.Ulid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SamplesThatComeLaterForACutWindowOpenItsNextGeneration()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        await FlushAsync();
        await WriteAsync(offset: 1);
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
        await FlushAsync();
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task SealedSamplesStayReadable_WhileTheObjectStoreIsDown()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        _ingester.Objects.FailBefore = static (_, _) => true;
        await Assert.ThrowsAnyAsync<IOException>(FlushAsync);
        Assert.Equal(_expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(_expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        _ingester.Objects.FailBefore = null;
        await FlushAsync();
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task OnlyWindowsThatAreDueAreCut()
    {
        await _ingester.StartAsync();
        var now = Now - (Now % (2 * Hour)) - (6 * Hour);
        Assert.Equal(1, (await _ingester.WriteAsync(TenantId.Anonymous, [("a", now, 1)])).Stored);
        Assert.Equal(1, (await _ingester.WriteAsync(TenantId.Anonymous, [("a", now + (3 * Hour), 2)])).Stored);
        foreach (var partition in _ingester.Module.Host.Current!.Partitions)
        {
            await _ingester.Module.Shipper.ShipDueAsync(partition, CancellationToken.None);
        }

        await _ingester.Module.Shipper.StopAsync();
        Assert.Equal(now + (3 * Hour), Assert.Single(await _ingester.ReadHeadsAsync(TenantId.Anonymous)).Key.Time);
        var block = Assert.Single(await _ingester.BlocksAsync(TenantId.Anonymous));
        Assert.Equal((now, now + 1, 1L), (block.MinTime, block.MaxTime, block.Samples));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AGenerationIsListedOnce_WhenTheOutcomeOfTheManifestChangeWasUnknown(bool crash)
    {
        await _ingester.StartAsync();
        await WriteAsync();
        _ingester.Objects.FailAfter = static (operation, _) => operation == ObjectOperation.PutIf;
        await Assert.ThrowsAnyAsync<IOException>(FlushAsync);
        _ingester.Objects.FailAfter = null;
        var before = await _ingester.BlocksAsync(TenantId.Anonymous);
        Assert.NotEmpty(before);
        if (crash)
        {
            await _ingester.CrashAsync();
            await _ingester.StartAsync();
        }

        await FlushAsync();
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
        Assert.Equal(_expected.Count, (await _ingester.BlocksAsync(TenantId.Anonymous)).Sum(x => x.Samples));
        Assert.Subset((await _ingester.BlocksAsync(TenantId.Anonymous)).Select(x => x.Ulid).ToHashSet(), before.Select(x => x.Ulid).ToHashSet());
    }

    [Fact]
    public async Task AnUploadThatWasNotListedIsRepeatedUnderANewName()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        _ingester.Objects.FailBefore = static (operation, _) => operation == ObjectOperation.PutIf;
        await Assert.ThrowsAnyAsync<IOException>(FlushAsync);
        var orphans = _ingester.Objects.Keys.Where(x => x.EndsWith("meta.json", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(orphans);
        await _ingester.CrashAsync();

        // Not before: an attempt in the background could still list what counts as orphaned here.
        _ingester.Objects.FailBefore = null;
        await _ingester.StartAsync();
        await FlushAsync();
        Assert.Equal(_expected, await _ingester.ReadAllAsync(TenantId.Anonymous));
        Assert.DoesNotContain(await _ingester.BlocksAsync(TenantId.Anonymous), x => orphans.Any(y => y.Contains(x.Ulid, StringComparison.Ordinal)));
        Assert.Empty(_ingester.Disk.List("/data/shipping"));
    }

    [Fact]
    public async Task SamplesOfANodeThatLostItsDiskAreNotTakenForPublishedOnes()
    {
        await _ingester.StartAsync();
        await WriteAsync();
        await FlushAsync();
        await using var fresh = new IngesterFixture(2, _ingester.Objects);
        await fresh.StartAsync();
        Assert.Null((await fresh.WriteAsync(TenantId.Anonymous, [("0", Now + 1, 7)])).RetryableFailure);
        await fresh.Module.Shipper.FlushAsync(CancellationToken.None);
        _expected[("0", Now + 1)] = 7;
        Assert.Equal(_expected, await fresh.ReadAllAsync(TenantId.Anonymous));
    }

    private Task FlushAsync() => _ingester.Module.Shipper.FlushAsync(CancellationToken.None);

    /// <summary>Two windows of forty series.</summary>
    private async Task WriteAsync(long offset = 0)
    {
        for (var round = 0; round < 5; round++)
        {
            foreach (var time in new[] { Now - (3 * Hour), Now })
            {
                var samples = Enumerable.Range(0, 40).Select(x => (IngesterFixture.Name(x) + (time == Now ? "" : "old"), time + (round * 1000) + offset, x + (double)round)).ToList();
                Assert.Equal(new Common.Contracts.WriteOutcome { Stored = 40, Rejected = 0, RejectionMessage = "" }, await _ingester.WriteAsync(TenantId.Anonymous, samples));
                foreach (var (series, t, value) in samples)
                {
                    _expected[(series, t)] = value;
                }
            }
        }
    }
}
