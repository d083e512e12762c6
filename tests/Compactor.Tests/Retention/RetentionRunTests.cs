using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Retention;
using Deucalion.Storage.Blocks;
using Deucalion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Objects;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Compactor.Tests.Retention;

public sealed class RetentionRunTests : IDisposable
{
    private static readonly DateTimeOffset Start = new ManualTime().GetUtcNow();
    private static readonly PartitionId First = new(1);
    private readonly ManualTime _clock = new();
    private readonly TestMeterFactory _meters = new();
    private readonly MemoryObjectStore _objects;
    private readonly ManifestStore _manifests;
    private readonly RetentionRun _retention;
    private RetentionOptions _options;

    public RetentionRunTests()
    {
        _objects = new MemoryObjectStore(new SimulatedDisk(1), _clock);
        _manifests = new ManifestStore(_objects);
        _options = new RetentionOptions
        {
            Tenants = new SameRetention(TimeSpan.FromHours(10), null),
            DeleteDelay = TimeSpan.FromMinutes(15),
            RememberRetired = TimeSpan.FromHours(1),
            OrphanDelay = TimeSpan.FromHours(4),
        };
        _retention = new RetentionRun(_objects, _manifests, new RetentionMetrics(_meters), _clock, NullLogger<RetentionRun>.Instance);
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task ABlockLeavesTheManifest_ThenItsObjectsGoAfterTheDelay_ThenItIsForgotten()
    {
        var old = await PublishAsync(First, endsAt: Start.AddHours(-11));
        var recent = await PublishAsync(First, endsAt: Start);
        await RunAsync();
        var manifest = await ManifestAsync();
        Assert.Equal(recent, Assert.Single(manifest.Blocks).Ulid);
        Assert.Equal((old, "retention"), (Assert.Single(manifest.Retired).Ulid, manifest.Retired[0].Reason));
        Assert.Contains(_objects.Keys, x => x.Contains(old, StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromMinutes(16));
        await RunAsync();
        Assert.DoesNotContain(_objects.Keys, x => x.Contains(old, StringComparison.Ordinal));
        Assert.Contains(_objects.Keys, x => x.Contains(recent, StringComparison.Ordinal));
        Assert.Single((await ManifestAsync()).Retired);

        _clock.Advance(TimeSpan.FromHours(2));
        await RunAsync();
        Assert.Empty((await ManifestAsync()).Retired);
        Assert.Equal(1, _meters.Sum("deucalion_compactor_deleted_blocks_total"));
    }

    [Fact]
    public async Task ABlockThatAnotherPartitionListsIsNotDeleted()
    {
        var shared = await PublishAsync(First, endsAt: Start.AddHours(-11));
        await RunAsync();
        await _manifests.UpdateAsync(TenantId.Anonymous, new PartitionId(2), x => x.WithBlock(Block(shared, Start)), CancellationToken.None);
        _clock.Advance(TimeSpan.FromHours(1));
        await RunAsync();
        Assert.Contains(_objects.Keys, x => x.Contains(shared, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnUploadThatNoManifestListsIsDeleted_OnceItIsTooOldToBeListed()
    {
        await PublishAsync(First, endsAt: Start);
        var partial = await UploadAsync(withMeta: false, ours: true);
        var whole = await UploadAsync(withMeta: true, ours: true);
        var foreign = await UploadAsync(withMeta: true, ours: false);
        _clock.Advance(TimeSpan.FromHours(3.9));
        await RunAsync();
        Assert.Contains(_objects.Keys, x => x.Contains(partial, StringComparison.Ordinal));
        _clock.Advance(TimeSpan.FromHours(1));
        await RunAsync();
        Assert.DoesNotContain(_objects.Keys, x => x.Contains(partial, StringComparison.Ordinal) || x.Contains(whole, StringComparison.Ordinal));
        Assert.Contains(_objects.Keys, x => x.Contains(foreign, StringComparison.Ordinal));
        Assert.Single((await ManifestAsync()).Blocks);
    }

    [Fact]
    public async Task OrphansAreSoughtOnceAnHour_AndAgainAfterAFailure()
    {
        await PublishAsync(First, endsAt: Start);
        var looks = 0;
        _objects.FailBefore = (operation, key) => operation == ObjectOperation.List && key == "anonymous/" && ++looks == 1;
        await RunAsync();
        await RunAsync();
        await RunAsync();
        Assert.Equal(2, looks);
        _clock.Advance(TimeSpan.FromMinutes(61));
        await RunAsync();
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task APassThatFailsIsMadeUpForByTheNext()
    {
        var old = await PublishAsync(First, endsAt: Start.AddHours(-11));
        _objects.FailAfter = static (operation, _) => operation == ObjectOperation.PutIf;
        await RunAsync();
        Assert.Equal(1, _meters.Sum("deucalion_compactor_retention_failures_total"));
        _objects.FailAfter = null;
        _clock.Advance(TimeSpan.FromMinutes(16));
        _objects.FailBefore = static (operation, key) => operation == ObjectOperation.Delete && key.EndsWith("index", StringComparison.Ordinal);
        await RunAsync();
        Assert.Contains(_objects.Keys, x => x.Contains(old, StringComparison.Ordinal));
        _objects.FailBefore = null;
        await RunAsync();
        Assert.DoesNotContain(_objects.Keys, x => x.Contains(old, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EachTenantKeepsWhatIsItsOwn()
    {
        var kept = await PublishAsync(First, endsAt: Start.AddHours(-11));
        Assert.True(TenantId.TryParse("brief", out var brief, out _));
        await _manifests.UpdateAsync(brief, First, x => x.WithBlock(Block("01ARZ3NDEKTSV4RRFFQ69G5FAV", Start.AddHours(-3))), CancellationToken.None);
        _options = _options with { Tenants = new HoursOf(new() { ["anonymous"] = 12, ["brief"] = 2 }) };
        await RunAsync();
        Assert.Equal(kept, Assert.Single((await ManifestAsync()).Blocks).Ulid);
        Assert.Empty((await _manifests.ReadAsync(brief, First, CancellationToken.None)).Blocks);
    }

    private sealed class HoursOf(Dictionary<string, int> hours) : ITenantRetention
    {
        public TimeSpan? TimeOf(string tenant) => hours.TryGetValue(tenant, out var found) ? TimeSpan.FromHours(found) : null;

        public long? SizeOf(string tenant) => null;
    }

    private Task RunAsync() => _retention.RunAsync(_options, CancellationToken.None);

    private async Task<Manifest> ManifestAsync() => await _manifests.ReadAsync(TenantId.Anonymous, First, CancellationToken.None);

    private async Task<string> PublishAsync(PartitionId partition, DateTimeOffset endsAt)
    {
        var ulid = await UploadAsync(withMeta: true, ours: true);
        await _manifests.UpdateAsync(TenantId.Anonymous, partition, x => x.WithBlock(Block(ulid, endsAt)), CancellationToken.None);
        return ulid;
    }

    private async Task<string> UploadAsync(bool withMeta, bool ours)
    {
        var ulid = Ulid.Create(_clock.GetUtcNow()).ToString();
        var prefix = BlockUpload.Prefix(TenantId.Anonymous, ulid);
        await _objects.PutAsync($"{prefix}/chunks/000001", new byte[10], CancellationToken.None);
        await _objects.PutAsync($"{prefix}/index", new byte[10], CancellationToken.None);
        if (withMeta)
        {
            var meta = new BlockMeta { Ulid = ulid, Deucalion = ours ? new BlockExtension { Partitions = [1] } : null };
            await _objects.PutAsync($"{prefix}/meta.json", meta.ToJson(), CancellationToken.None);
        }

        return ulid;
    }

    private static ManifestBlock Block(string ulid, DateTimeOffset endsAt) => new()
    {
        Ulid = ulid,
        MinTime = endsAt.AddHours(-2).ToUnixTimeMilliseconds(),
        MaxTime = endsAt.ToUnixTimeMilliseconds(),
        Generations = [1],
        Level = 1,
        Bytes = 20,
        Series = 1,
        Samples = 1,
    };
}
