using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Shipping;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Ingester.Tests.Shipping;

/// <summary>Publishing on a node that was the partition's primary, while another one is and deletes the tenant.</summary>
public sealed class BlockPublisherTests : IAsyncDisposable
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task ListsNothing_WhereTheTenantWasDeletedSinceThePrimaryWasAsked()
    {
        var generation = await SealAsync();
        _ingester.Objects.BeforePutIf = key => key.Contains("/manifests/", StringComparison.Ordinal) ? DeleteAsync(generation) : Task.CompletedTask;
        var asked = 0;
        await Assert.ThrowsAsync<IOException>(() => PublishAsync(generation, () => asked++));
        Assert.Equal(2, asked);
        AssertNothingIsLeft(await ManifestAsync(generation));
    }

    [Fact]
    public async Task ListsNothing_WhereTheGenerationHasGoneSinceTheManifestWasRead()
    {
        var generation = await SealAsync();
        await DeleteAsync(generation);
        await Assert.ThrowsAsync<WindowTruncatedException>(() => PublishAsync(generation, () => throw new WindowTruncatedException(1)));
        AssertNothingIsLeft(await ManifestAsync(generation));
    }

    [Fact]
    public async Task ListsTheBlock_WhereTheDeletionCameBefore()
    {
        var generation = await SealAsync();
        await DeleteAsync(generation);
        var block = await PublishAsync(generation, static () => { });
        Assert.Equal(block!.Ulid, Assert.Single((await ManifestAsync(generation)).Blocks).Ulid);
    }

    private async Task<SealedGeneration> SealAsync()
    {
        await _ingester.StartAsync();
        Assert.Null((await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)])).RetryableFailure);
        var handle = _ingester.Module.Host.Current!.Partitions.Single(static x => x.State.Parts.Any());
        return Assert.Single(await handle.CutAsync(all: true, CancellationToken.None));
    }

    private async Task<ManifestBlock?> PublishAsync(SealedGeneration generation, Action requirePresent)
    {
        _ingester.Disk.CreateDirectory("/data/other");
        return await new BlockPublisher(_ingester.Disk, "/data/other", _ingester.Objects, new ManifestStore(_ingester.Objects), new ShippingOptions(), TimeProvider.System)
            .PublishAsync(generation, requirePresent, CancellationToken.None);
    }

    private async Task DeleteAsync(SealedGeneration generation)
    {
        _ingester.Objects.BeforePutIf = null;
        await new ManifestStore(_ingester.Objects).UpdateAsync(
            generation.Tenant, generation.Partition, static x => x.WithTenantDeleted(new ManifestDeletion(Ulid.Create(DateTimeOffset.UtcNow).ToString(), 1), Now), CancellationToken.None);
    }

    private ValueTask<Manifest> ManifestAsync(SealedGeneration generation) =>
        new ManifestStore(_ingester.Objects).ReadAsync(generation.Tenant, generation.Partition, CancellationToken.None);

    private void AssertNothingIsLeft(Manifest manifest)
    {
        Assert.Empty(manifest.Blocks);
        Assert.Single(manifest.Deletions);
        Assert.Equal([ManifestStore.Key(manifest.Tenant, manifest.Partition)], _ingester.Objects.Keys);
    }
}
