using Deucalion.Compliance.Answers;
using Deucalion.Testing.Processes;

namespace Deucalion.Compliance.Servers;

/// <summary>A real Prometheus and the engine over the same data.</summary>
public sealed class Rivals : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private PrometheusProcess _prometheus = null!;

    private Rivals(EngineAnswers engine)
    {
        Engine = engine;
    }

    public EngineAnswers Engine { get; }

    public PrometheusAnswers Prometheus { get; private set; } = null!;

    public static async Task<Rivals> StartAsync(DataSet data)
    {
        var rivals = new Rivals(new EngineAnswers(data.ToStore()));
        try
        {
            rivals._prometheus = await PrometheusProcess.StartAsync(
                rivals._directory.Path,
                static _ => "global: {scrape_interval: 1m}\n",
                "--enable-feature=promql-experimental-functions,native-histograms",
                "--storage.tsdb.retention.time=100y");
            rivals.Prometheus = new PrometheusAnswers(rivals._prometheus.Http);
            await data.SendAsync(rivals._prometheus.Http);
            return rivals;
        }
        catch
        {
            rivals.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _prometheus?.Dispose();
        _directory.Dispose();
    }
}
