using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.S3;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Deucalion.Testing.S3;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>One S3 service for all tests of the class.</summary>
public sealed class RadosGatewayFixture : IAsyncLifetime
{
    public const string Bucket = "coordination";

    private RadosGateway? _gateway;

    public RadosGateway Gateway => _gateway ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        _gateway = await RadosGateway.StartAsync();
        await _gateway.CreateBucketAsync(Bucket);
    }

    public ValueTask DisposeAsync() => _gateway?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The contract over a real S3 service; a process is cut off by a proxy that lets nothing through.</summary>
[Trait("Category", "slow")]
public sealed class S3BucketStoreTests(RadosGatewayFixture fixture) : NetworkedCoordinationStoreContract, IClassFixture<RadosGatewayFixture>
{
    private readonly string _prefix = $"{Guid.NewGuid():N}/";

    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(6);

    protected override async ValueTask<StoreProcess> OpenAsync()
    {
        var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        var options = fixture.Gateway.Options(RadosGatewayFixture.Bucket, _prefix, proxy.Endpoint) with
        {
            AttemptTimeout = TimeSpan.FromSeconds(2),
            TotalTimeout = TimeSpan.FromSeconds(4),
        };
        return new S3StoreProcess(proxy, options, TimeToLive);
    }

    private sealed class S3StoreProcess : StoreProcess
    {
        private readonly FaultProxy _proxy;
        private readonly S3ObjectStore _bucket;
        private readonly BucketStoreProcess _process;

        public S3StoreProcess(FaultProxy proxy, S3Options options, TimeSpan timeToLive)
        {
            _proxy = proxy;
            _bucket = new S3ObjectStore(options, new LinuxDisk(), new ObjectStoreMetrics(new TestMeterFactory()), TimeProvider.System);
            _process = new BucketStoreProcess(_bucket, new BucketStoreOptions { TimeToLive = timeToLive }, CutKind.None, TimeProvider.System);
        }

        public override ICoordinationStore Store => _process.Store;

        public override async Task KillAsync()
        {
            Cut(true);
            await _process.DisposeAsync();
        }

        public override void Cut(bool isCut) => _proxy.Faults = isCut ? static _ => new Fault.Hang() : static _ => null;

        public override async ValueTask DisposeAsync()
        {
            await _process.DisposeAsync();
            await _proxy.DisposeAsync();
        }
    }
}
