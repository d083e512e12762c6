using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Companions;
using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Scenarios;

/// <summary>Everything that runs while a scenario does: senders, questions, the proxy and the Prometheus beside them.</summary>
internal sealed class ScenarioParts : IAsyncDisposable
{
    private readonly Scenario _scenario;
    private readonly StreamWriter _log;
    private readonly ContinuousCheck _check;
    private readonly AnswerChecker _nodeChecker;
    private readonly ProxyCheck? _proxyCheck;

    private ScenarioParts(Scenario scenario, ICluster cluster, ScenarioTimes times, RunDirectory directory, RoundRobinProxy proxy, PrometheusCompanion? prometheus)
    {
        _scenario = scenario;
        Cluster = cluster;
        Times = times;
        Proxy = proxy;
        Prometheus = prometheus;
        Clock = new RunClock();
        Client = new ClusterClient();
        _log = new StreamWriter(directory.Child("events")) { AutoFlush = true };
        Journal = new AckJournal(directory.Child("acknowledgements"));
        var options = scenario.ThroughProxy ? scenario.Load with { Retries = false, Timeout = TimeSpan.FromSeconds(30) } : scenario.Load;
        Load = new LoadGenerator(options, Clock, Journal, () => scenario.ThroughProxy ? [proxy.Url] : [.. cluster.Nodes.Select(static n => n.Url)]);
        _nodeChecker = new AnswerChecker(Client, Load, Clock);
        _check = new ContinuousCheck(cluster, _nodeChecker, Load, times.Ask);
        _proxyCheck = scenario.ThroughProxy ? new ProxyCheck(proxy.Url, new AnswerChecker(Client, Load, Clock), Load, times.Ask) : null;
    }

    public ICluster Cluster { get; }

    public ScenarioTimes Times { get; }

    public RunClock Clock { get; }

    public ClusterClient Client { get; }

    public AckJournal Journal { get; }

    public LoadGenerator Load { get; }

    public RoundRobinProxy Proxy { get; }

    public PrometheusCompanion? Prometheus { get; }

    /// <summary>Judges of the answers of nodes, and of those through the proxy where that is asked.</summary>
    public IReadOnlyList<AnswerChecker> Checkers => _proxyCheck is null ? [_nodeChecker] : [_nodeChecker, _proxyCheck.Checker];

    /// <summary>Judge of what nodes answer when asked directly.</summary>
    public AnswerChecker NodeChecker => _nodeChecker;

    public static async Task<ScenarioParts> StartAsync(Scenario scenario, ICluster cluster, ScenarioTimes times, RunDirectory directory)
    {
        var proxy = await RoundRobinProxy.StartAsync(() => [.. cluster.Nodes.Select(static n => n.Url)]);
        PrometheusCompanion? prometheus = null;
        try
        {
            prometheus = scenario.WithPrometheus ? await PrometheusCompanion.StartAsync(directory.Child("prometheus"), proxy.Url) : null;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }

        var parts = new ScenarioParts(scenario, cluster, times, directory, proxy, prometheus);
        parts.Load.Start();
        parts._check.Start();
        parts._proxyCheck?.Start();
        return parts;
    }

    public Task<ClusterState> ReadStateAsync(bool withDigests = false) => ClusterState.ReadAsync(Cluster, Client, withDigests, CancellationToken.None);

    /// <summary>The first promise that was seen broken, or null.</summary>
    public string? Broken()
    {
        var violations = Checkers.SelectMany(static c => c.Violations).ToList();
        if (violations.Count > 0)
        {
            return $"{violations.Count} answers that must not be:\n{string.Join('\n', violations.Take(10))}";
        }

        if (Journal.Failures.FirstOrDefault(static f => f.IsRefusal) is { } refusal)
        {
            return $"a right request was refused: {refusal}";
        }

        if (!_scenario.ThroughProxy)
        {
            return null;
        }

        return Journal.Failures is [var failed, ..] ? $"a push through the proxy failed: {failed}" : _proxyCheck!.Failed;
    }

    public async Task StopLoadAsync()
    {
        await Load.StopAsync();
        await _check.StopAsync();
        if (_proxyCheck is not null)
        {
            await _proxyCheck.StopAsync();
        }
    }

    public void Log(string line) => _log.WriteLine(line);

    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await _check.DisposeAsync();
        if (_proxyCheck is not null)
        {
            await _proxyCheck.DisposeAsync();
        }

        Prometheus?.Dispose();
        await Proxy.DisposeAsync();
        Client.Dispose();
        Journal.Dispose();
        await _log.DisposeAsync();
    }
}
