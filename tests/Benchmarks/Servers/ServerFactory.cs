namespace Deucalion.Benchmarks.Servers;

/// <summary>Starts each server over a fresh directory.</summary>
internal sealed class ServerFactory(string root, string peers) : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"deucalion-benchmark-{Guid.NewGuid():N}");

    public IReadOnlyList<Func<Server>> All =>
    [
        () => new DeucalionServer(Path.Combine(root, "src", "Node", "bin", "Release", "net10.0", "deucalion"), Fresh(), Server.FreePort()),
        () => new PrometheusServer(Path.Combine(peers, "prometheus"), Fresh(), Server.FreePort()),
    ];

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private string Fresh()
    {
        var directory = Path.Combine(_directory, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(directory);
        return directory;
    }
}
