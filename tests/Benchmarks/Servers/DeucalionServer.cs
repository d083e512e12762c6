namespace Deucalion.Benchmarks.Servers;

/// <summary>This node, all roles, defaults apart from its own metrics and what <paramref name="more"/> configures.</summary>
internal sealed class DeucalionServer(string program, string directory, int port, string more)
    : Server(program, ["--config.file", Configuration(directory, more), "--data.path", Path.Combine(directory, "data"), "--http.listen", $"127.0.0.1:{port}"], directory, port)
{
    public override string Name => "Deucalion";

    public override Uri WriteUrl => new(Url, "/api/v1/push");

    public override string LogDirectory => Path.Combine(Directory, "data", "journal");

    public override async Task FlushAsync()
    {
        using var response = await Http.PostAsync(new Uri("/ingester/flush", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }

    private static string Configuration(string directory, string more)
    {
        System.IO.Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, "deucalion.yml");
        File.WriteAllText(file, "telemetry:\n  self_scrape: false\n" + more);
        return file;
    }
}
