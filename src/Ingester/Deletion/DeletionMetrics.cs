using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Deletion;

/// <summary>Metrics of the deletion of tenants.</summary>
internal sealed class DeletionMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _failures;

    public DeletionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Deucalion.Ingester.Deletion");
        _requests = _meter.CreateCounter<long>("deucalion_tenant_deletions_total", description: "Requests to this node to delete a tenant, by what became of them.");
        _failures = _meter.CreateCounter<long>(
            "deucalion_tenant_deletion_failures_total", description: "Attempts to bring a logged deletion of a tenant into its manifest that failed; they are repeated.");
    }

    /// <summary>Registers the gauge that is read when metrics are collected.</summary>
    public void Observe(Func<long> pending) => _meter.CreateObservableGauge(
        "deucalion_tenant_deletions_pending",
        pending,
        description: "Partitions led by this node in which a deletion of a tenant is logged and its manifest does not show it yet.");

    /// <summary>A request was answered: <c>deleted</c>, <c>not_found</c>, <c>unavailable</c>.</summary>
    public void Answered(string result) => _requests.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>A manifest could not be changed.</summary>
    public void Failed() => _failures.Add(1);
}
