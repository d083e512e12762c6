using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.Azure;
using Deucalion.Testing.Azure;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Objects.Azure;

/// <summary>One service for all tests that need one.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    public const string Collection = "azurite";
    public const string Container = "tests";

    private Azurite? _azurite;

    public Azurite Azurite => _azurite ?? throw new InvalidOperationException("not started");

    public static AzureObjectStore Open(AzureOptions options) => new(options, new LinuxDisk(), new ObjectStoreMetrics(new TestMeterFactory()), TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        _azurite = await Azurite.StartAsync();
        await _azurite.CreateContainerAsync(Container);
    }

    public ValueTask DisposeAsync() => _azurite?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(AzuriteFixture.Collection)]
public sealed class AzuriteTests : ICollectionFixture<AzuriteFixture>;
