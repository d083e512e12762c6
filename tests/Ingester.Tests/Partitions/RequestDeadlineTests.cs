using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Ingester.Tests.Partitions;

/// <summary>Requests that wait in a partition, and nobody waits for any more.</summary>
public sealed class RequestDeadlineTests : IDisposable
{
    private readonly WriteBatch _batch = new();

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task AnAppendThatIsNotCommittedInTime_IsSentBack_AndTheOthersKeepTheirOrder()
    {
        var waiters = new PartitionWaiters();
        var requests = new[] { Request(30), Request(10), Request(20), Request(long.MaxValue) };
        var cut = false;
        for (var i = 0; i < requests.Length; i++)
        {
            waiters.Add(i + 1, requests[i], new StoredCounts(i, 0, 0));
        }

        waiters.Add(5, committed => cut = committed);
        waiters.Expire(9, "why");
        Assert.Equal(5, waiters.Count);
        waiters.Expire(20, "why");
        Assert.Equal([null, "why", "why", null], requests.Select(Failure));
        Assert.Equal(3, waiters.Count);
        waiters.Complete(4);
        Assert.Equal(new AppendResult(new StoredCounts(0, 0, 0), null), await requests[0].Completion);
        Assert.Equal(new AppendResult(new StoredCounts(3, 0, 0), null), await requests[3].Completion);
        waiters.Expire(long.MaxValue - 1, "why");
        Assert.False(cut);
        waiters.Complete(5);
        Assert.True(cut);
    }

    [Fact]
    public void ARequestThatWaitsForADeletion_IsSentBack()
    {
        var deletions = new DeletionsUnderWay();
        deletions.Begin(TenantId.Anonymous, 7);
        var (first, second) = (Request(10), Request(20));
        deletions.Hold(first);
        deletions.Hold(second);
        deletions.Expire(10, "why");
        Assert.Equal(("why", null, 1), (Failure(first), Failure(second), deletions.HeldCount));
        Assert.True(deletions.TryTakeApplied(7, out _, out var held));
        Assert.Equal([second], held);
    }

    [Fact]
    public void ARequestThatWaitsForTheLogToOpen_IsSentBack_AtItsDeadlineOrWhenPatienceEnds()
    {
        var time = new ManualTime();
        var held = new HeldRequests(time, TimeSpan.FromSeconds(5));
        var (patient, hasty) = (Request(long.MaxValue), Request(time.GetTimestamp() + TimeSpan.TicksPerSecond));
        held.Add(patient);
        held.Add(hasty);
        held.Expire("why");
        Assert.Equal(2, held.Count);
        time.Advance(TimeSpan.FromSeconds(1));
        held.Expire("why");
        Assert.Equal((null, "why", 1), (Failure(patient), Failure(hasty), held.Count));
        time.Advance(TimeSpan.FromSeconds(4));
        held.Expire("why");
        Assert.Equal(("why", 0), (Failure(patient), held.Count));
    }

    private static string? Failure(AppendRequest request)
    {
        if (!request.Completion.IsCompleted)
        {
            return null;
        }

        var result = request.Completion.Result;
        Assert.True(result.MayMove);
        return result.RetryableFailure;
    }

    private AppendRequest Request(long deadline) =>
        new() { Tenant = TenantId.Anonymous, Batch = _batch, Series = new int[1], Hashes = new ulong[1], WithMetadata = false, Deadline = deadline };
}
