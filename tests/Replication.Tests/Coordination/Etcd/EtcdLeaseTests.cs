using System.Collections.Concurrent;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.Coordination.Etcd;

/// <summary>A lease at an etcd that answers as the test wants, on a clock of the test's: renewed every 5 s, looked at with every sixth renewal.</summary>
public sealed class EtcdLeaseTests : IDisposable
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WatchedTime _time = new();
    private readonly TestMeterFactory _meters = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _holds;
    private volatile bool _hangs;
    private int _reads;
    private int _revoked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ended.TrySetResult();
        _meters.Dispose();
    }

    [Fact]
    public async Task TheLeaseStays_WhenItIsRenewedAndItsKeyCannotBeLookedAt()
    {
        await using var host = await WireHost.StartAsync(Map);
        using var store = Open(host);
        await using var lease = await RenewedAsync(store, 5);
        var reads = Volatile.Read(ref _reads);
        _hangs = true;
        _time.Advance(TimeToLive / 2);
        await UntilAsync(() => Volatile.Read(ref _reads) > reads, "the key is looked at");

        // The look is given up, and the next renewal comes when it is due.
        _time.Advance(TimeToLive / 4);
        await UntilAsync(() => _time.Timers(TimeToLive / 4) == 2, "the lease waits for its next renewal");
        _hangs = false;
        reads = Volatile.Read(ref _reads);
        _time.Advance(TimeToLive / 4);
        await UntilAsync(() => _time.Timers(TimeToLive / 2) == 7, "it is renewed");

        Assert.Equal(reads + 1, Volatile.Read(ref _reads));
        Assert.False(lease.Lost.IsCancellationRequested);
        Assert.Equal(0, _meters.Sum("deucalion_etcd_leases_lost_total"));
    }

    [Fact]
    public async Task ALeaseThatIsLostHere_IsReleasedThere()
    {
        await using var host = await WireHost.StartAsync(Map);
        using var store = Open(host);
        var lease = await RenewedAsync(store, 5);
        _holds = false;
        _time.Advance(TimeToLive / 2);
        await UntilAsync(() => lease.Lost.IsCancellationRequested, "it is lost");
        Assert.Equal(0, Volatile.Read(ref _revoked));
        await lease.DisposeAsync();

        Assert.Equal(1, Volatile.Read(ref _revoked));
    }

    private static Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(() => Task.FromResult(condition()), Patience, () => $"not so: {what}");

    private EtcdStore Open(WireHost host) => new(
        new EtcdStoreOptions { Endpoints = [host.Address], RequestTimeout = TimeSpan.FromSeconds(20) }, _time, new EtcdMetrics(_meters), new WireMetrics(_meters), NullLogger<EtcdStore>.Instance);

    private async Task<ICoordinationLease> RenewedAsync(EtcdStore store, int times)
    {
        var lease = await store.TryAcquireLeaseAsync("l", "o", TimeToLive, Token);
        for (var renewals = 0; ; renewals++)
        {
            await UntilAsync(() => _time.Timers(TimeToLive / 2) == renewals + 1, $"{renewals} renewals");
            if (renewals == times)
            {
                return lease!;
            }

            _time.Advance(TimeToLive / 2);
        }
    }

    private void Map(IEndpointRouteBuilder endpoints)
    {
        var header = new ResponseHeader { Revision = 5 };
        Unary("Lease/LeaseGrant", () => new LeaseGrantResponse { Header = header, ID = 9, TTL = 10 });
        Unary("Lease/LeaseRevoke", () =>
        {
            Interlocked.Increment(ref _revoked);
            return new LeaseRevokeResponse { Header = header };
        });
        Unary("KV/Txn", () =>
        {
            _holds = true;
            return new TxnResponse { Header = header, Succeeded = true };
        });
        endpoints.MapWireUnary("/etcdserverpb.KV/Range", async (_, _, cancellationToken) =>
        {
            Interlocked.Increment(ref _reads);
            if (_hangs)
            {
                await _ended.Task.WaitAsync(cancellationToken);
            }

            return new RangeResponse { Header = header, Kvs = { _holds ? [new KeyValue { CreateRevision = 5, ModRevision = 5 }] : [] } }.ToByteArray();
        });
        endpoints.MapWireStream("/etcdserverpb.Lease/LeaseKeepAlive", async (_, stream, cancellationToken) =>
        {
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                message.Dispose();
                await stream.SendAsync(new LeaseKeepAliveResponse { Header = header, ID = 9, TTL = 10 }.ToByteArray(), cancellationToken);
            }
        });

        void Unary(string method, Func<IMessage> answer) =>
            endpoints.MapWireUnary($"/etcdserverpb.{method}", (_, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(answer().ToByteArray()));
    }

    /// <summary>Counts timers by their time, so that a test knows what is waited for.</summary>
    private sealed class WatchedTime : TimeProvider
    {
        private readonly ManualTime _time = new();
        private readonly ConcurrentDictionary<TimeSpan, int> _timers = [];

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = _time.CreateTimer(callback, state, dueTime, period);
            _timers.AddOrUpdate(dueTime, 1, static (_, count) => count + 1);
            return timer;
        }

        public void Advance(TimeSpan time) => _time.Advance(time);

        public int Timers(TimeSpan time) => _timers.GetValueOrDefault(time);
    }
}
