using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Routing;

/// <summary>Metrics of the way to partitions.</summary>
internal sealed class RouterMetrics
{
    private readonly Counter<long> _retried;
    private readonly Counter<long> _rerouted;

    /// <summary>Creates the instruments.</summary>
    public RouterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Router");
        _retried = meter.CreateCounter<long>("deucalion_router_retries_total", description: "Appends that were sent again because their partition had moved or did not answer.");
        _rerouted = meter.CreateCounter<long>("deucalion_router_rerouted_total", description: "Appends that went to another partition because theirs stayed unavailable.");
    }

    /// <summary>An append is sent again.</summary>
    public void Retried() => _retried.Add(1);

    /// <summary>An append went to another partition.</summary>
    public void Rerouted() => _rerouted.Add(1);
}
