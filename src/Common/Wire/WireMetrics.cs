using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Deucalion.Common.Wire;

/// <summary>What calls between nodes measure. Thread-safe; one of a process serves all channels and servers.</summary>
public sealed class WireMetrics
{
    private static readonly string[] StatusNames = [.. Enum.GetValues<WireStatus>().Select(static status => status.ToString())];

    private readonly Counter<long> _requests;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _refused;
    private readonly Gauge<double> _expiry;

    /// <summary>Creates the instruments.</summary>
    public WireMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Wire");
        _requests = meter.CreateCounter<long>("deucalion_wire_requests_total", null, "Calls that ended, by side, method and status.");
        _received = meter.CreateCounter<long>("deucalion_wire_received_bytes_total", "bytes", "Bytes of messages received, by side and method.");
        _sent = meter.CreateCounter<long>("deucalion_wire_sent_bytes_total", "bytes", "Bytes of messages sent, by side and method.");
        _open = meter.CreateUpDownCounter<long>("deucalion_wire_open_streams", null, "Calls under way, by side and method.");
        _reloads = meter.CreateCounter<long>("deucalion_wire_certificate_reloads_total", null, "Times that changed certificate files were read, by purpose (cluster, etcd, http) and result.");
        _refused = meter.CreateCounter<long>("deucalion_wire_refused_certificates_total", null, "Peers whose certificate was refused, or who showed none.");
        _expiry = meter.CreateGauge<double>("deucalion_wire_certificate_expiry_timestamp_seconds", "seconds", "When the certificate in use expires, by purpose, Unix time.");
    }

    internal CallMetrics Begin(string side, string method)
    {
        var call = new CallMetrics(this, side, method);
        _open.Add(1, call.Tags);
        return call;
    }

    internal void Reloaded(string purpose, bool succeeded) => _reloads.Add(1, new("purpose", purpose), new("result", succeeded ? "success" : "failure"));

    internal void CertificateRefused() => _refused.Add(1);

    internal void Expires(string purpose, DateTimeOffset at) => _expiry.Record(at.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("purpose", purpose));

    /// <summary>The measurements of one call.</summary>
    internal sealed class CallMetrics(WireMetrics metrics, string side, string method)
    {
        private int _ended;

        public TagList Tags { get; } = new() { { "side", side }, { "method", method } };

        public void Received(int bytes) => metrics._received.Add(bytes, Tags);

        public void Sent(int bytes) => metrics._sent.Add(bytes, Tags);

        /// <summary>Counts the end; later ends of the same call are ignored.</summary>
        public void Ended(WireStatus status)
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                metrics._open.Add(-1, Tags);
                metrics._requests.Add(1, new TagList { { "side", side }, { "method", method }, { "status", StatusNames[(int)status] } });
            }
        }
    }
}
