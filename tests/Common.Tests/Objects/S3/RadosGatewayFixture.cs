using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.S3;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Objects.S3;

/// <summary>One S3 service for all tests that need one.</summary>
public sealed class RadosGatewayFixture : IAsyncLifetime
{
    public const string Collection = "radosgw";
    public const string Bucket = "tests";

    private RadosGateway? _gateway;

    public RadosGateway Gateway => _gateway ?? throw new InvalidOperationException("not started");

    public static S3ObjectStore Open(S3Options options) => new(options, new LinuxDisk(), new ObjectStoreMetrics(new TestMeterFactory()), TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        _gateway = await RadosGateway.StartAsync();
        await _gateway.CreateBucketAsync(Bucket);
    }

    public ValueTask DisposeAsync() => _gateway?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(RadosGatewayFixture.Collection)]
public sealed class RadosGatewayTests : ICollectionFixture<RadosGatewayFixture>;
