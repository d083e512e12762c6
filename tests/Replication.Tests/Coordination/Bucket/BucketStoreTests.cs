using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Replication.Coordination.Bucket;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>The contract over a bucket in a local directory; requests of who is cut off fail.</summary>
public sealed class LocalBucketStoreTests : NetworkedCoordinationStoreContract
{
    private readonly string _root = Directory.CreateTempSubdirectory("coordination-").FullName;

    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(3);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new BucketStoreProcess(
        new LocalObjectStore(new LinuxDisk(), _root), new BucketStoreOptions { TimeToLive = TimeToLive }, CutKind.Fails, TimeProvider.System));
}

/// <summary>The contract over a bucket in memory; requests of who is cut off get no answer.</summary>
[Trait("Category", "slow")]
public sealed class HangingBucketStoreTests : NetworkedCoordinationStoreContract
{
    private readonly Testing.Objects.MemoryObjectStore _bucket = new(new LinuxDisk(), TimeProvider.System);

    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(3);

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new BucketStoreProcess(
        _bucket, new BucketStoreOptions { TimeToLive = TimeToLive }, CutKind.Hangs, TimeProvider.System));
}
