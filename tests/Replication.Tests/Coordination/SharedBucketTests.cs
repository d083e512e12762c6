using Deucalion.Common.Objects;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Tests.Membership;
using Testing.Disk;
using Testing.Objects;
using Xunit;

namespace Deucalion.Replication.Tests.Coordination;

public sealed class SharedBucketTests
{
    private readonly MemoryStore _store = new();
    private readonly MemoryObjectStore _bucket = NewBucket();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AllNodesOverOneBucketAgree_AndANewClusterOverItToo()
    {
        var id = await RequireAsync(_bucket);
        Assert.Equal(id, await RequireAsync(_bucket));
        Assert.Equal(id, await new SharedBucket(new MemoryStore().Open(), _bucket).RequireAsync(Token));
        Assert.Equal([SharedBucket.ObjectKey], _bucket.Keys);
    }

    [Fact]
    public async Task ANodeOverAnotherBucketIsRefused_ForAsLongAsItIsOne()
    {
        var id = await RequireAsync(_bucket);
        var other = NewBucket();

        var refusal = await Assert.ThrowsAsync<WrongBucketException>(() => RequireAsync(other));
        Assert.Contains($"id {id} in its object", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("this one none", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(other.Keys);
        var others = await new SharedBucket(new MemoryStore().Open(), other).RequireAsync(Token);
        refusal = await Assert.ThrowsAsync<WrongBucketException>(() => RequireAsync(other));
        Assert.Contains($"this one {others}", refusal.Message, StringComparison.Ordinal);

        // As the message says.
        Assert.True(await _store.Open().DeleteIfAsync(SharedBucket.DocumentKey, _store.Peek(SharedBucket.DocumentKey)!.Revision, Token));
        Assert.Equal(others, await RequireAsync(other));
        await Assert.ThrowsAsync<WrongBucketException>(() => RequireAsync(_bucket));
    }

    [Fact]
    public async Task AnEmptiedBucketIsRefused_AndOneThatIsAwaySaysNothing()
    {
        await RequireAsync(_bucket);
        await _bucket.DeleteAsync(SharedBucket.ObjectKey, Token);
        await Assert.ThrowsAsync<WrongBucketException>(() => RequireAsync(_bucket));
        Assert.Empty(_bucket.Keys);

        _bucket.FailBefore = static (_, _) => true;
        await Assert.ThrowsAnyAsync<ObjectStoreException>(() => RequireAsync(_bucket));
    }

    [Fact]
    public async Task OfTwoBucketsAtTheSameMoment_OneIsTheClusters()
    {
        // Before the id of the first bucket is stored, a node over the second one has done everything.
        var second = NewBucket();
        var id = string.Empty;
        _bucket.BeforePutIf = async _ =>
        {
            _bucket.BeforePutIf = null;
            id = await RequireAsync(second);
        };

        await Assert.ThrowsAsync<WrongBucketException>(() => RequireAsync(_bucket));
        Assert.Equal(id, await RequireAsync(second));
    }

    [Fact]
    public async Task OfTwoIdsAtTheSameMoment_OneIsTheBuckets()
    {
        var id = string.Empty;
        _bucket.BeforePutIf = async _ =>
        {
            _bucket.BeforePutIf = null;
            id = await RequireAsync(_bucket);
        };

        Assert.Equal(await RequireAsync(_bucket), id);
    }

    private static MemoryObjectStore NewBucket() => new(new SimulatedDisk(1), TimeProvider.System);

    private Task<string> RequireAsync(MemoryObjectStore bucket) => new SharedBucket(_store.Open(), bucket).RequireAsync(Token);
}
