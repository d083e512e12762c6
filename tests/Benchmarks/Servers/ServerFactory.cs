namespace Deucalion.Benchmarks.Servers;

/// <summary>Starts each server over a fresh directory.</summary>
internal sealed class ServerFactory(string root, string peers) : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"deucalion-benchmark-{Guid.NewGuid():N}");

    public IReadOnlyList<Func<Server>> All =>
    [
        () => Node(Fresh()),
        () => new PrometheusServer(Path.Combine(peers, "prometheus"), Fresh(), Server.FreePort()),
    ];

    /// <summary>All, VictoriaMetrics too.</summary>
    public IReadOnlyList<Func<Server>> WithVictoriaMetrics =>
    [
        .. All, () => new VictoriaMetricsServer(Path.Combine(peers, "victoria-metrics"), Fresh(), Server.FreePort()),
    ];

    /// <summary>This node over a directory of <see cref="Fresh"/>, which it may have used before.</summary>
    public Server Node(string directory) => Node(directory, string.Empty);

    /// <summary>The same with more configuration.</summary>
    public Server Node(string directory, string more) =>
        new DeucalionServer(Path.Combine(root, "src", "Node", "bin", "Release", "net10.0", "deucalion"), directory, Server.FreePort(), more);

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>A new directory, deleted with the factory.</summary>
    public string Fresh()
    {
        var directory = Path.Combine(_directory, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(directory);
        return directory;
    }
}
