namespace Deucalion.Benchmarks.Servers;

/// <summary>A real Prometheus that receives remote write. Its flush is a snapshot, which writes the head as a block.</summary>
internal sealed class PrometheusServer(string program, string directory, int port)
    : Server(
        program,
        [
            $"--config.file={Configuration(directory)}", $"--storage.tsdb.path={Path.Combine(directory, "data")}", $"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--enable-feature=native-histograms", "--web.enable-admin-api", "--storage.tsdb.retention.time=30d",
        ],
        directory,
        port)
{
    public override string Name => "Prometheus";

    public override Uri WriteUrl => new(Url, "/api/v1/write");

    public override string LogDirectory => Path.Combine(Directory, "data", "wal");

    public override async Task FlushAsync()
    {
        using var response = await Http.PostAsync(new Uri("/api/v1/admin/tsdb/snapshot", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }

    private static string Configuration(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, "prometheus.yml");
        File.WriteAllText(file, "global: {scrape_interval: 15s}\n");
        return file;
    }
}
