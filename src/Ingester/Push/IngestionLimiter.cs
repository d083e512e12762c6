using System.Collections.Concurrent;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Holds tenants to their ingestion rate. In a cluster each node takes its share, the rate divided by the nodes that are alive: senders are taken to be
/// spread over the nodes evenly. The burst is each node's. A request is taken as a whole or not at all. Thread-safe.
/// </summary>
/// <param name="nodes">How many nodes take samples now.</param>
/// <param name="time">The clock.</param>
internal sealed class IngestionLimiter(Func<int> nodes, TimeProvider time)
{
    /// <summary>Reason of samples that came too fast.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>Reason of samples of a request that has more than may ever come at once.</summary>
    public const string BurstExceeded = "request_exceeds_burst";

    private readonly ConcurrentDictionary<TenantId, TenantIngestion> _tenants = new();

    /// <summary>Nodes that share the rates.</summary>
    public int Nodes => Math.Max(1, nodes());

    /// <summary>Counts a request of so many samples; null where it may be stored.</summary>
    public IngestionRefusal? Refuse(TenantId tenant, TenantLimits limits, long samples)
    {
        var ingestion = _tenants.TryGetValue(tenant, out var known) ? known : _tenants.GetOrAdd(tenant, static (_, time) => new TenantIngestion(time), time);
        if (limits.IngestionRate is { } rate)
        {
            var share = Nodes;
            if (!ingestion.Bucket.TryTake(samples, (double)rate / share, limits.IngestionBurst, out var wait))
            {
                return wait == Timeout.InfiniteTimeSpan ? TooMany(tenant, limits, samples) : TooFast(tenant, limits, samples, share, wait);
            }
        }

        ingestion.Rate.Add(samples);
        return null;
    }

    /// <summary>The tenants that have sent something lately, and how many samples a second this node has let through.</summary>
    public IEnumerable<(TenantId Tenant, double PerSecond)> Rates() =>
        _tenants.Select(static x => (x.Key, x.Value.Rate.PerSecond)).Where(static x => x.PerSecond > 0);

    private static IngestionRefusal TooFast(TenantId tenant, TenantLimits limits, long samples, int share, TimeSpan wait)
    {
        var here = share > 1 ? $", on one of {share} nodes" : string.Empty;
        var what = $"{LimitText.Number(samples)} samples more, after a burst of {LimitText.Number(limits.IngestionBurst)}{here}, exceed";
        return new IngestionRefusal(RateLimited, LimitText.Exceeded(tenant, limits, LimitName.IngestionRate, what), wait);
    }

    private static IngestionRefusal TooMany(TenantId tenant, TenantLimits limits, long samples) => new(
        BurstExceeded, LimitText.Exceeded(tenant, limits, LimitName.IngestionBurst, $"{LimitText.Number(samples)} samples in one request exceed"), null);

    private sealed class TenantIngestion(TimeProvider time)
    {
        public TokenBucket Bucket { get; } = new(time);

        public SampleRate Rate { get; } = new(time);
    }
}
