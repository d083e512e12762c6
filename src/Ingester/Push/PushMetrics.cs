using System.Diagnostics.Metrics;
using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Push;

/// <summary>Metrics of the push path.</summary>
internal sealed class PushMetrics
{
    // Some series a tenant; more tenants than this need dashboards of another kind.
    private const int MaxTenants = 1000;

    private readonly Counter<long> _requests;
    private readonly Counter<long> _received;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _discarded;
    private readonly Counter<long> _discardedRequests;
    private readonly Counter<long> _receivedExemplars;
    private readonly Counter<long> _storedExemplars;
    private readonly Counter<long> _rejectedExemplars;
    private readonly Counter<long> _failedWrites;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;
    private readonly TenantNames _tenants = new(MaxTenants);

    public PushMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Push");
        _requests = meter.CreateCounter<long>("deucalion_ingester_push_requests_total", description: "Push requests by status code.");
        _received = meter.CreateCounter<long>("deucalion_ingester_received_samples_total", description: "Samples received, floats and histograms, those rejected included.");
        _stored = meter.CreateCounter<long>("deucalion_ingester_stored_samples_total", description: "Samples stored durably, repeated ones included.");
        _discarded = meter.CreateCounter<long>("deucalion_discarded_samples_total", description: "Samples that were not stored because of what they are or of a limit, by reason and tenant.");
        _discardedRequests = meter.CreateCounter<long>("deucalion_discarded_requests_total", description: "Push requests of which nothing was stored because of a limit, by reason and tenant.");
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
    public void Decoded(TenantId tenant, int bytes, Rejections leftOut)
    {
        _bytes.Add(bytes);
        _received.Add(leftOut.Total);
        _receivedExemplars.Add(leftOut.TotalExemplars);
        Rejected(tenant, leftOut);
    }

    /// <summary>Nothing of a request was stored because of a limit; its samples are 0 where it was not read.</summary>
    public void Refused(TenantId tenant, string reason, long samples)
    {
        var (why, whose) = (new KeyValuePair<string, object?>("reason", reason), new KeyValuePair<string, object?>("tenant", _tenants.Of(tenant)));
        _discardedRequests.Add(1, why, whose);
        if (samples > 0)
        {
            _received.Add(samples);
            _discarded.Add(samples, why, whose);
        }
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

    public void Rejected(TenantId tenant, Rejections rejections)
    {
        if (rejections.Total > 0)
        {
            for (var i = 0; i < RejectReasons.Count; i++)
            {
                if (rejections.CountOf((RejectReason)i) is > 0 and var count)
                {
                    _discarded.Add(
                        count,
                        new KeyValuePair<string, object?>("reason", RejectReasons.Name((RejectReason)i)),
                        new KeyValuePair<string, object?>("tenant", _tenants.Of(tenant)));
                }
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
