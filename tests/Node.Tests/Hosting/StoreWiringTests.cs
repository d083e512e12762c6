using Deucalion.Common.IO;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

public sealed class StoreWiringTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void RefusesALocalBucket_OnANetworkFileSystem()
    {
        var error = Assert.Throws<ConfigurationException>(() => StoreWiring.RefuseNetwork("/mnt/share/bucket", static path => path == "/mnt/share/bucket"));
        Assert.Equal(
            "/mnt/share/bucket is on a network file system: a local bucket (bucket.path) needs a local disk; for nodes of several machines set bucket.kind: s3 or azure", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("shared/bucket")]
    public async Task MakesALocalBucket_OnALocalDisk(string path)
    {
        var options = new NodeOptions { DataPath = _directory.Child("data"), BucketPath = path.Length > 0 ? _directory.Child(path) : path };
        await StoreWiring.PrepareBucketAsync(options, new LinuxDisk(), TimeProvider.System, NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.True(Directory.Exists(options.BucketDirectory));
    }
}
