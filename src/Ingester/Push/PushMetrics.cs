using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Push;

/// <summary>Metrics of the push path.</summary>
internal sealed class PushMetrics
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _received;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _failedWrites;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;

    public PushMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Push");
        _requests = meter.CreateCounter<long>("deucalion_ingester_push_requests_total", description: "Push requests by status code.");
        _received = meter.CreateCounter<long>("deucalion_ingester_received_samples_total", description: "Samples received, those rejected included.");
        _stored = meter.CreateCounter<long>("deucalion_ingester_stored_samples_total", description: "Samples stored durably, repeated ones included.");
        _rejected = meter.CreateCounter<long>("deucalion_ingester_rejected_samples_total", description: "Samples rejected as invalid, by reason.");
        _failedWrites = meter.CreateCounter<long>("deucalion_ingester_failed_writes_total", description: "Writes that the sender has to repeat.");
        _bytes = meter.CreateCounter<long>("deucalion_ingester_push_decoded_bytes_total", description: "Bytes of decompressed request bodies.");
        _duration = meter.CreateHistogram<double>("deucalion_ingester_push_duration_seconds", description: "Time from request to answer.");
    }

    public void Answered(int status, TimeSpan elapsed)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("code", status));
        _duration.Record(elapsed.TotalSeconds);
    }

    public void Decoded(int bytes) => _bytes.Add(bytes);

    public void Written(int received, int stored, bool failed)
    {
        _received.Add(received);
        _stored.Add(stored);
        if (failed)
        {
            _failedWrites.Add(1);
        }
    }

    public void Rejected(Rejections rejections)
    {
        if (rejections.Total == 0)
        {
            return;
        }

        for (var i = 0; i < RejectReasons.Count; i++)
        {
            var count = rejections.CountOf((RejectReason)i);
            if (count > 0)
            {
                _rejected.Add(count, new KeyValuePair<string, object?>("reason", RejectReasons.Name((RejectReason)i)));
            }
        }
    }
}
