using System.Diagnostics.Metrics;
using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>Metrics of the push path.</summary>
internal sealed class PushMetrics
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _received;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _receivedExemplars;
    private readonly Counter<long> _storedExemplars;
    private readonly Counter<long> _rejectedExemplars;
    private readonly Counter<long> _failedWrites;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;

    public PushMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Push");
        _requests = meter.CreateCounter<long>("deucalion_ingester_push_requests_total", description: "Push requests by status code.");
        _received = meter.CreateCounter<long>("deucalion_ingester_received_samples_total", description: "Samples received, floats and histograms, those rejected included.");
        _stored = meter.CreateCounter<long>("deucalion_ingester_stored_samples_total", description: "Samples stored durably, repeated ones included.");
        _rejected = meter.CreateCounter<long>("deucalion_ingester_rejected_samples_total", description: "Samples rejected as invalid, by reason.");
        _receivedExemplars = meter.CreateCounter<long>("deucalion_ingester_received_exemplars_total", description: "Exemplars received, those dropped included.");
        _storedExemplars = meter.CreateCounter<long>("deucalion_ingester_stored_exemplars_total", description: "Exemplars stored, repeated ones included.");
        _rejectedExemplars = meter.CreateCounter<long>("deucalion_ingester_rejected_exemplars_total", description: "Exemplars dropped, by reason.");
        _failedWrites = meter.CreateCounter<long>("deucalion_ingester_failed_writes_total", description: "Writes that the sender has to repeat.");
        _bytes = meter.CreateCounter<long>("deucalion_ingester_push_decoded_bytes_total", description: "Bytes of decompressed request bodies.");
        _duration = meter.CreateHistogram<double>("deucalion_ingester_push_duration_seconds", description: "Time from request to answer.");
    }

    public void Answered(int status, TimeSpan elapsed)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("code", status));
        _duration.Record(elapsed.TotalSeconds);
    }

    /// <summary>A request was decoded; what the decoder left out was received too.</summary>
    public void Decoded(int bytes, Rejections leftOut)
    {
        _bytes.Add(bytes);
        _received.Add(leftOut.Total);
        _receivedExemplars.Add(leftOut.TotalExemplars);
        Rejected(leftOut);
    }

    /// <summary>A batch was received.</summary>
    public void Received(WriteBatch batch)
    {
        _received.Add(batch.SampleCount + batch.Histograms.Length);
        _receivedExemplars.Add(batch.Exemplars.Length);
    }

    /// <summary>A batch was stored, as far as it was.</summary>
    public void Written(int stored, int storedExemplars, bool failed)
    {
        _stored.Add(stored);
        _storedExemplars.Add(storedExemplars);
        if (failed)
        {
            _failedWrites.Add(1);
        }
    }

    public void Rejected(Rejections rejections)
    {
        if (rejections.Total > 0)
        {
            for (var i = 0; i < RejectReasons.Count; i++)
            {
                Add(_rejected, rejections.CountOf((RejectReason)i), RejectReasons.Name((RejectReason)i));
            }
        }

        if (rejections.TotalExemplars > 0)
        {
            for (var i = 0; i < ExemplarRejectReasons.Count; i++)
            {
                Add(_rejectedExemplars, rejections.CountOf((ExemplarRejectReason)i), ExemplarRejectReasons.Name((ExemplarRejectReason)i));
            }
        }
    }

    private static void Add(Counter<long> counter, int count, string reason)
    {
        if (count > 0)
        {
            counter.Add(count, new KeyValuePair<string, object?>("reason", reason));
        }
    }
}
