using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Storage.Head;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Partitions;

/// <summary>Requests to a partition that can do nothing more: each is answered, and may go another way.</summary>
public sealed class EndedPartitionTests : IAsyncDisposable
{
    private static readonly PartitionId Partition = new(3);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly IngesterFixture _ingester = new(1);
    private readonly Defect _defect = new();
    private readonly WriteBatch _batch = new();

    public EndedPartitionTests()
    {
        _ingester.Options = _ingester.Options with { Limits = _defect };
        _batch.Reset();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _ingester.DisposeAsync();
        _batch.Dispose();
    }

    [Fact]
    public async Task ARequestThatWaitedForTheLogToOpen_IsAnswered_WhenThePartitionFailsOverIt()
    {
        await _ingester.StartAsync();
        _defect.IsThere = true;
        Assert.Equal(new AppendResult(default, Defect.Reason), await AppendAsync());
    }

    [Fact]
    public async Task RequestsThatWaitedForADeletion_AreAnswered_WhenThePartitionFailsOverOneOfThem()
    {
        await _ingester.StartAsync();
        Assert.Null((await AppendAsync()).RetryableFailure);
        var partitions = _ingester.Module.Host.Current!;
        var partition = partitions.Find(Partition)!;

        // While the journal stands still nothing is committed.
        using var gate = new ManualResetEventSlim();
        var standing = new JournalAnswer(gate.Wait);
        partitions.Logs.Journal.Append(new PartitionId(200), 1, 1, RecordKind.Committed, [], standing);
        await standing.Task;
        var deleted = partition.DeleteTenantAsync(TenantId.Anonymous, isStored: true, Token);
        var waiting = new[] { AppendAsync(), AppendAsync(), AppendAsync() };
        await partition.DescribeAsync(withDigest: false, Token);
        Assert.DoesNotContain(waiting, static request => request.IsCompleted);

        _defect.IsThere = true;
        gate.Set();
        Assert.Equal(0, await deleted);
        foreach (var result in await Task.WhenAll(waiting))
        {
            Assert.Equal(Defect.Reason, result.RetryableFailure);
        }
    }

    [Fact]
    public async Task ARequestToAPartitionThatHasStopped_GoesAnotherWay_NotThatWhichStoppedIt()
    {
        await _ingester.StartAsync();
        Assert.Null((await AppendAsync()).RetryableFailure);
        _defect.IsThere = true;
        Assert.Equal(new AppendResult(default, Defect.Reason), await AppendAsync());
        await _ingester.Module.Host.Current!.Find(Partition)!.StopAsync(Token);
        var later = await AppendAsync();
        Assert.True(later.MayMove);
        Assert.Contains("has stopped", later.RetryableFailure, StringComparison.Ordinal);
        Assert.Equal(1, _ingester.Gauge("deucalion_ingester_unusable_partitions"));
    }

    [Fact]
    public async Task ARequestToADamagedPartition_GoesAnotherWay_AndKnowsWhy()
    {
        var lines = new LogLines();
        _ingester.Loggers = lines;
        await _ingester.StartAsync();
        Assert.Null((await AppendAsync()).RetryableFailure);
        Assert.Equal(0, _ingester.Gauge("deucalion_ingester_unusable_partitions"));
        var damaged = _ingester.Module.Host.Current!.Find(Partition)!.State;
        Assert.Throws<HeadFormatException>(() => damaged.ApplyNow(1, RecordKind.Samples, [9, .. "anonymous"u8, 99]));
        var result = await AppendAsync();
        Assert.True(result.MayMove);
        Assert.Contains("cannot be applied", result.RetryableFailure, StringComparison.Ordinal);

        // Not for each request.
        Assert.True((await AppendAsync()).MayMove);
        Assert.Equal(1, _ingester.Gauge("deucalion_ingester_unusable_partitions"));
        Assert.Contains("record 1 of kind Samples cannot be applied", Assert.Single(lines.Written, static line => line.StartsWith("Error: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private Task<AppendResult> AppendAsync()
    {
        var request = new AppendRequest
        {
            Tenant = TenantId.Anonymous,
            Batch = _batch,
            Series = ReadOnlyMemory<int>.Empty,
            Hashes = ReadOnlyMemory<ulong>.Empty,
            WithMetadata = false,
        };
        _ingester.Module.Host.Append(Partition, request);
        return request.Completion.WaitAsync(Soon, Token);
    }

    /// <summary>Limits that a partition asks for when it stages a request; once the defect is there that ends the partition.</summary>
    private sealed class Defect : ITenantLimits
    {
        public const string Reason = "a mistake";

        public bool IsThere { get; set; }

        public TenantLimits Of(TenantId tenant) => IsThere ? throw new InvalidOperationException(Reason) : TenantLimits.Default;
    }
}
