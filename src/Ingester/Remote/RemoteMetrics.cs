using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Remote;

/// <summary>Metrics of calls between ingesters; one of a process serves both sides.</summary>
internal sealed class RemoteMetrics
{
    private readonly Counter<long> _appends;
    private readonly Counter<long> _served;

    public RemoteMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Remote");
        _appends = meter.CreateCounter<long>("deucalion_ingester_remote_appends_total", description: "Appends sent to other nodes, by what became of them.");
        _served = meter.CreateCounter<long>("deucalion_ingester_remote_appends_served_total", description: "Appends that came from other nodes, by what became of them.");
    }

    /// <summary>An append was sent.</summary>
    public void Sent(string result) => _appends.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>An append was served.</summary>
    public void Served(string result) => _served.Add(1, new KeyValuePair<string, object?>("result", result));
}
