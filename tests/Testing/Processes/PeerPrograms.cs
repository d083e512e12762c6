namespace Deucalion.Testing.Processes;

/// <summary>Where the outside programs are; a missing one fails the test.</summary>
public static class PeerPrograms
{
    public static string Prometheus => Find("prometheus");

    public static string Promtool => Find("promtool");

    public static string NodeExporter => Find("prometheus-node-exporter");

    private static string Find(string name)
    {
        var folder = Environment.GetEnvironmentVariable("DEUCALION_PEERS")
            ?? throw new InvalidOperationException("DEUCALION_PEERS is not set: ./test sets it to the folder that eng/peers.sh prints last");
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; eng/peers.sh fetches it");
    }
}
