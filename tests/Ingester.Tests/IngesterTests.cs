using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Common.Tenants;
using Testing.Disk;
using Xunit;

namespace Deucalion.Ingester.Tests;

public sealed class IngesterTests : IAsyncDisposable
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task WhatWasAcknowledgedIsReadable_AtOnceAndAfterAnyRestart()
    {
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        for (var round = 0; round < 50; round++)
        {
            await WriteAsync(expected, Enumerable.Range(0, 40), Now + (round * 1000));
        }

        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.StopAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await WriteAsync(expected, Enumerable.Range(20, 40), Now + 60_000);
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task TenantsAreApart()
    {
        Assert.True(TenantId.TryParse("other", out var other, out _));
        await _ingester.StartAsync();
        await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        await _ingester.WriteAsync(other, [("a", Now, 2)]);
        Assert.Equal(1, Assert.Single(await _ingester.ReadHeadsAsync(TenantId.Anonymous)).Value);
        Assert.Equal(2, Assert.Single(await _ingester.ReadHeadsAsync(other)).Value);
    }

    [Fact]
    public async Task ARepeatedSampleIsNotAcknowledged_BeforeItsFirstCopyIsDurable()
    {
        await _ingester.StartAsync();
        await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        var gate = new ManualResetEventSlim();
        var reached = new ManualResetEventSlim();
        _ingester.Disk.Fault = (operation, path) =>
        {
            if (operation == DiskOperation.Sync && path.Contains("journal", StringComparison.Ordinal))
            {
                reached.Set();
                gate.Wait();
            }

            return null;
        };
        var first = _ingester.WriteAsync(TenantId.Anonymous, [("a", Now + 1, 2)]);
        reached.Wait();
        var second = _ingester.WriteAsync(TenantId.Anonymous, [("a", Now + 1, 2)]);
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(100)));
        Assert.False(first.IsCompleted);
        _ingester.Disk.Fault = null;
        gate.Set();
        Assert.Equal(1, (await first).Stored);
        Assert.Equal(1, (await second).Stored);
        Assert.Null((await second).RetryableFailure);
    }

    [Fact]
    public async Task AStopDoesNotWaitForEver_ForWhatIsNotCommitted()
    {
        _ingester.Options = _ingester.Options with { Partitions = _ingester.Options.Partitions with { StopPatience = TimeSpan.FromMilliseconds(50) } };
        await _ingester.StartAsync();
        await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        using var gate = new ManualResetEventSlim();
        var held = new JournalAnswer(gate.Wait);
        var partitions = _ingester.Module.Host.Current!;
        partitions.Logs.Journal.Append(new PartitionId(200), 1, 1, RecordKind.Committed, [], held);
        await held.Task;
        var write = _ingester.WriteAsync(TenantId.Anonymous, [("a", Now + 1, 2)]);
        await UntilAsync(() => Task.FromResult(partitions.Partitions.Any(static x => x.Log.PendingBytes > 0)));
        var stop = Task.Run(_ingester.StopAsync, TestContext.Current.CancellationToken);
        try
        {
            var outcome = await write.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Contains("is closing", outcome.RetryableFailure, StringComparison.Ordinal);
        }
        finally
        {
            gate.Set();
        }

        await stop;
    }

    [Fact]
    public async Task RejectsBySampleAndNamesWhy_WhileTheRestIsStored()
    {
        await _ingester.StartAsync();
        await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 2), ("b", Now, 1), ("c", Now + 3_600_000, 1), ("a", Now - 3_600_000, 5)]);
        Assert.Equal((1, 3, (string?)null), (outcome.Stored, outcome.Rejected, outcome.RetryableFailure));
        Assert.Contains("duplicate_timestamp: 1", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Contains("too_far_in_future: 1", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Contains("sample_too_old: 1", outcome.RejectionMessage, StringComparison.Ordinal);
        Assert.Contains("series=\"c\"", outcome.RejectionMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WritesFailRetryablyAndReadsGoOn_WhenASyncFails_ThenItRecoversByItself()
    {
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(expected, Enumerable.Range(0, 20), Now);
        _ingester.Disk.Fault = (operation, path) =>
            operation == DiskOperation.Sync && path.Contains("journal", StringComparison.Ordinal) ? new IOException("device error") : null;
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("0", Now + 1, 1)]);
        Assert.NotNull(outcome.RetryableFailure);
        Assert.Equal(0, outcome.Stored);
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        _ingester.Disk.Fault = null;
        await UntilAsync(async () => (await _ingester.WriteAsync(TenantId.Anonymous, [("0", Now + 1, 1)])).RetryableFailure is null);
        expected[("0", Now + 1)] = 1;
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task TakesWritesAgain_WhenASyncFailedThatNobodyWaitedFor()
    {
        _ingester.Options = _ingester.Options with { Sync = JournalSync.Interval, SyncInterval = TimeSpan.FromMilliseconds(100) };
        await _ingester.StartAsync();
        await WriteAsync([], Enumerable.Range(0, 20), Now);
        var failed = new ManualResetEventSlim();
        _ingester.Disk.Fault = (operation, path) =>
        {
            if (operation != DiskOperation.Sync || !path.Contains("journal", StringComparison.Ordinal))
            {
                return null;
            }

            failed.Set();
            return new IOException("device error");
        };
        await _ingester.WriteAsync(TenantId.Anonymous, [("0", Now + 1, 1)]);
        await UntilAsync(() => Task.FromResult(failed.IsSet));
        _ingester.Disk.Fault = null;

        await UntilAsync(async () => (await _ingester.WriteAsync(TenantId.Anonymous, [("0", Now + 2, 1)])).RetryableFailure is null);
        Assert.Equal(1, (await _ingester.ReadHeadsAsync(TenantId.Anonymous))[("0", Now + 2)]);
    }

    [Fact]
    public async Task WritesFailRetryablyAndReadsGoOn_WhenTheDiskIsFull_ThenItRecoversByItself()
    {
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(expected, Enumerable.Range(0, 20), Now);
        _ingester.Disk.Capacity = 0;
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [.. Enumerable.Range(0, 20).Select(x => (IngesterFixture.Name(x), Now + 1, 1.0))]);
        Assert.NotNull(outcome.RetryableFailure);
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        _ingester.Disk.Capacity = long.MaxValue;
        await UntilAsync(async () =>
            (await _ingester.WriteAsync(TenantId.Anonymous, [.. Enumerable.Range(0, 20).Select(x => (IngesterFixture.Name(x), Now + 1, 1.0))])).RetryableFailure is null);
        for (var i = 0; i < 20; i++)
        {
            expected[(IngesterFixture.Name(i), Now + 1)] = 1;
        }

        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task RefusesWritesAndReads_BeforeItHasRecovered()
    {
        await _ingester.StartAsync();
        var host = _ingester.Module.Host;
        await _ingester.StopAsync();
        Assert.False(host.IsReady);
        Assert.Throws<PartitionUnavailableException>(() => host.BeginRead());
    }

    [Fact]
    public async Task MetadataIsKept()
    {
        await _ingester.StartAsync();
        using var batch = new WriteBatch();
        batch.Reset();
        var family = batch.AddText("http_requests"u8);
        var help = batch.AddText("Requests."u8);
        batch.AddMetadata(new WriteMetadata(1, family, 13, help, 9, 0, 0));
        var outcome = await _ingester.Module.Distributor.WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Null(outcome.RetryableFailure);
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal([new MetricMetadata("http_requests", "counter", "Requests.", "")], await _ingester.Module.HeadReads.MetadataAsync(TenantId.Anonymous, CancellationToken.None));
    }

    private async Task WriteAsync(Dictionary<(string, long), double> expected, IEnumerable<int> series, long time)
    {
        var samples = series.Select(x => (IngesterFixture.Name(x), time, x + (time % 1000.0))).ToList();
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, samples);
        Assert.Null(outcome.RetryableFailure);
        Assert.Equal((samples.Count, 0), (outcome.Stored, outcome.Rejected));
        foreach (var (name, t, value) in samples)
        {
            expected[(name, t)] = value;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await condition(); await Task.Delay(10))
        {
            Assert.True(DateTime.UtcNow < deadline, "the condition did not come true");
        }
    }
}
