using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Deucalion.Testing.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.Coordination.Etcd;

/// <summary>Whatever an etcd answers: operations end with a result or a <see cref="CoordinationException"/>, watches go on.</summary>
public sealed class EtcdAnswersFuzz
{
    [Fact]
    public async Task OnlyTypedFailuresCome_WhenAnswersAreDamaged()
    {
        var random = new Random(0);
        await using var host = await WireHost.StartAsync(e => Map(e, () => random));
        using var meters = new TestMeterFactory();
        var wire = new WireMetrics(meters);
        var options = new EtcdStoreOptions { Endpoints = [host.Address], RequestTimeout = TimeSpan.FromSeconds(5), Username = "u", Password = "p" };
        var (succeeded, failed) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            random = new Random(seed);
            using var store = new EtcdStore(options, TimeProvider.System, new EtcdMetrics(meters), wire, NullLogger<EtcdStore>.Instance);
            await TryAsync(async () => await store.GetAsync("k", default));
            await TryAsync(async () => await store.PutIfAsync("k", default, "1", default));
            await TryAsync(async () => await store.DeleteIfAsync("k", "1", default));
            await TryAsync(async () => await store.ListAsync(string.Empty, default));
            await TryAsync(async () => await store.LeasesAsync(string.Empty, default));
            await TryAsync(async () => await (await store.TryAcquireLeaseAsync("l", "o", TimeSpan.FromSeconds(1), default) ?? throw new CoordinationException("held", null)).DisposeAsync());
            await WatchAsync(store);
        }

        // Both happen often, or the test says little.
        Assert.True(succeeded > 200 && failed > 200, $"{succeeded} succeeded, {failed} failed");

        async Task TryAsync(Func<Task> operation)
        {
            try
            {
                await operation();
                succeeded++;
            }
            catch (CoordinationException)
            {
                failed++;
            }
        }
    }

    private static async Task WatchAsync(EtcdStore store)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        try
        {
            await foreach (var change in store.WatchAsync(string.Empty, stop.Token))
            {
                Assert.NotNull(change.Key);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private static void Map(IEndpointRouteBuilder endpoints, Func<Random> random)
    {
        var header = new ResponseHeader { Revision = 5 };
        var document = new KeyValue { Key = ByteString.CopyFromUtf8("deucalion/a"), Value = ByteString.CopyFromUtf8("v"), ModRevision = 3, CreateRevision = 2 };
        var lease = new KeyValue { Key = ByteString.CopyFromUtf8("deucalion/leases/a"), Value = ByteString.CopyFromUtf8("{\"owner\":\"o\"}"), ModRevision = 3, CreateRevision = 2 };
        Unary("KV/Range", r => new RangeResponse { Header = header, Kvs = { r.Next(3) switch { 0 => [], 1 => [document], _ => (KeyValue[])[lease] } } });
        Unary("KV/Txn", r => new TxnResponse { Header = header, Succeeded = r.Next(2) == 0 });
        Unary("Lease/LeaseGrant", r => new LeaseGrantResponse { Header = header, ID = 9, TTL = r.Next(3) == 0 ? long.MaxValue : 1 });
        Unary("Lease/LeaseRevoke", _ => new LeaseRevokeResponse { Header = header });
        Unary("Auth/Authenticate", _ => new AuthenticateResponse { Header = header, Token = "t" });
        Stream("Lease/LeaseKeepAlive", _ => new LeaseKeepAliveResponse { Header = header, ID = 9, TTL = 1 });
        Stream("Watch/Watch", r => r.Next(4) switch
        {
            0 => new WatchResponse { Header = header, Created = true },
            1 => new WatchResponse { Header = header, Canceled = true, CompactRevision = r.Next(2) },
            2 => new WatchResponse { Header = header, Events = { new Event { Kv = document }, new Event() } },
            _ => new WatchResponse { Header = header, Events = { new Event { Kv = document, Type = Event.Types.Type.Delete } } },
        });

        void Unary(string method, Func<Random, IMessage> answer) =>
            endpoints.MapWireUnary($"/etcdserverpb.{method}", (_, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(Damage(answer, random())));

        void Stream(string method, Func<Random, IMessage> answer) =>
            endpoints.MapWireStream($"/etcdserverpb.{method}", async (_, stream, cancellationToken) =>
            {
                while (await stream.ReceiveAsync(cancellationToken) is { } message)
                {
                    message.Dispose();
                    for (var i = 0; i < 5; i++)
                    {
                        await stream.SendAsync(Damage(answer, random()), cancellationToken);
                    }
                }
            });
    }

    private static byte[] Damage(Func<Random, IMessage> answer, Random random)
    {
        // The calls of one seed come one after the other, those of a watch beside nothing else.
        lock (random)
        {
            var bytes = answer(random).ToByteArray();
            for (var i = random.Next(3); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            return random.Next(5) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
        }
    }
}
