using System.Diagnostics.Metrics;

namespace Deucalion.Node.Security;

/// <summary>What authentication measures. No label carries a name or a secret. Thread-safe.</summary>
internal sealed class AccessMetrics
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _reloads;
    private readonly Gauge<long> _usable;
    private readonly Gauge<double> _expiry;

    /// <summary>Creates the instruments.</summary>
    public AccessMetrics(IMeterFactory factory)
    {
        var meter = factory.Create("Deucalion.Access");
        _requests = meter.CreateCounter<long>("deucalion_auth_requests_total", null, "Requests that asked for a route with a right, by result: allowed, missing, wrong, expired, forbidden.");
        _reloads = meter.CreateCounter<long>("deucalion_auth_file_reloads_total", null, "Times that a changed file of credentials was read, by result.");
        _usable = meter.CreateGauge<long>("deucalion_auth_file_usable", null, "1 where the file of credentials is in force as it is, 0 where it cannot be used and an earlier state is in force.");
        _expiry = meter.CreateGauge<double>("deucalion_auth_next_expiry_timestamp_seconds", "seconds", "When the next token or user expires, Unix time.");
    }

    /// <summary>Counts a request.</summary>
    public void Asked(string result) => _requests.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>Counts an attempt to read a changed file.</summary>
    public void Reloaded(bool succeeded) => _reloads.Add(1, new KeyValuePair<string, object?>("result", succeeded ? "success" : "failure"));

    /// <summary>Whether the file as it is now is in force.</summary>
    public void Usable(bool usable) => _usable.Record(usable ? 1 : 0);

    /// <summary>When the next entry expires.</summary>
    public void NextExpiry(DateTimeOffset at) => _expiry.Record(at.ToUnixTimeSeconds());
}
