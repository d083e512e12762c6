namespace Deucalion.Testing.Processes;

/// <summary>Where the outside programs are; a missing one fails the test.</summary>
public static class PeerPrograms
{
    public static string Prometheus => Find("prometheus");

    public static string Promtool => Find("promtool");

    public static string NodeExporter => Find("prometheus-node-exporter");

    /// <summary>Installed by eng/peers.sh, unlike the others.</summary>
    public static string Etcd => Installed("etcd");

    public static string Etcdctl => Installed("etcdctl");

    private static string Installed(string name)
    {
        var path = Path.Combine("/usr/bin", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; eng/peers.sh installs it");
    }

    private static string Find(string name)
    {
        var folder = Environment.GetEnvironmentVariable("DEUCALION_PEERS")
            ?? throw new InvalidOperationException("DEUCALION_PEERS is not set: ./test sets it to the folder that eng/peers.sh prints last");
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; eng/peers.sh fetches it");
    }
}
