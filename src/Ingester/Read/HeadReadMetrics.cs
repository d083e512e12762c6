using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Read;

/// <summary>Metrics of reads of heads over the cluster.</summary>
internal sealed class HeadReadMetrics
{
    private readonly Counter<long> _retries;
    private readonly Counter<long> _unavailable;

    public HeadReadMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Read");
        _retries = meter.CreateCounter<long>("deucalion_ingester_head_read_retries_total", description: "Times that a read of heads lacked partitions and asked again.");
        _unavailable = meter.CreateCounter<long>("deucalion_ingester_head_reads_unavailable_total", description: "Reads of heads that failed because partitions did not answer in time.");
    }

    public void Retried() => _retries.Add(1);

    public void Unavailable() => _unavailable.Add(1);
}
