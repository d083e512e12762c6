using Deucalion.Common.Tenants;

namespace Deucalion.Common.Contracts;

/// <summary>Takes samples of a tenant, from remote write, from rules and from the node itself: implemented by the ingester role. Thread-safe.</summary>
public interface IDistributor
{
    /// <summary>
    /// Validates, routes and stores a batch; completes when every stored sample is durable and visible to queries. The batch stays the caller's and
    /// must not change until then.
    /// </summary>
    ValueTask<WriteOutcome> WriteAsync(TenantId tenant, WriteBatch batch, CancellationToken cancellationToken);
}

/// <summary>What became of a batch.</summary>
public sealed record WriteOutcome
{
    /// <summary>Samples stored, floats and histograms (duplicates of what was stored before count).</summary>
    public required int Stored { get; init; }

    /// <summary>How many of those are histograms.</summary>
    public int StoredHistograms { get; init; }

    /// <summary>Exemplars stored. Those that were not are counted by the ingester's metrics alone: they never make a write fail.</summary>
    public int StoredExemplars { get; init; }

    /// <summary>Samples rejected as invalid; they will be no better when sent again.</summary>
    public required int Rejected { get; init; }

    /// <summary>Names what was rejected and why: at most a few examples, then a count. Empty where nothing was.</summary>
    public required string RejectionMessage { get; init; }

    /// <summary>Why some samples could not be stored now although they may be valid, or null. Then the sender must send the whole request again.</summary>
    public string? RetryableFailure { get; init; }
}
