namespace Deucalion.Benchmarks.Servers;

/// <summary>A real VictoriaMetrics, single node. Result caches are off and limits out of the way.</summary>
internal sealed class VictoriaMetricsServer(string program, string directory, int port)
    : Server(
        program,
        [
            $"-storageDataPath={Path.Combine(directory, "data")}", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-search.disableCache",
            "-search.maxSeries=10000000", "-search.maxUniqueTimeseries=10000000", "-search.maxPointsPerTimeseries=1000000", "-search.maxQueryDuration=5m",
        ],
        directory,
        port)
{
    public override string Name => "VictoriaMetrics";

    public override Uri WriteUrl => new(Url, "/api/v1/write");

    public override string LogDirectory => Path.Combine(Directory, "data");

    public override string QuerySuffix => "&nocache=1";

    public override async Task FlushAsync()
    {
        using var response = await Http.GetAsync(new Uri("/internal/force_flush", UriKind.Relative));
        response.EnsureSuccessStatusCode();
    }
}
