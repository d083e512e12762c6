using Deucalion.Common.Actors;
using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// The share of a batch that one partition stores: a message to its actor, which answers through <see cref="Completion"/>. The batch and the
/// list of series are read until then and never changed by the actor.
/// </summary>
internal sealed class AppendRequest : PartitionMessage
{
    private readonly TaskCompletionSource<AppendResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whose samples.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The columns.</summary>
    public required WriteBatch Batch { get; init; }

    /// <summary>Indexes of the series to store; validated, labels sorted.</summary>
    public required ReadOnlyMemory<int> Series { get; init; }

    /// <summary>Routing hashes of the same series.</summary>
    public required ReadOnlyMemory<ulong> Hashes { get; init; }

    /// <summary>Whether the batch's metadata is stored here too.</summary>
    public required bool WithMetadata { get; init; }

    /// <summary>
    /// Timestamp of the node's clock after which nobody waits for the answer. The request then fails with <see cref="PartitionMovingException"/>, even if it has been
    /// appended: a partition whose other replicas are gone takes appends and never commits them.
    /// </summary>
    public long Deadline { get; init; } = long.MaxValue;

    /// <summary>What the actor rejected.</summary>
    public Rejections Rejections { get; } = new();

    /// <summary>Completes when all is durable and visible, or has failed. Never faults.</summary>
    public Task<AppendResult> Completion => _completion.Task;

    /// <inheritdoc/>
    /// <remarks>One that a stopped actor has not looked at may go elsewhere; not one that it failed over, which would be the end of others.</remarks>
    public override void Fail(Exception reason) => Complete(new AppendResult(default, reason.Message, MayMove: reason is PartitionMovingException or ActorStoppedException));

    /// <summary>The <see cref="Deadline"/> of a request whose answer is waited for so long from now on.</summary>
    public static long DeadlineAfter(TimeSpan patience, TimeProvider time) => time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency);

    /// <summary>Sends the request back where its deadline has passed; whether it has.</summary>
    public bool TryExpire(long now, string reason)
    {
        if (Deadline > now)
        {
            return false;
        }

        Fail(new PartitionMovingException(reason));
        return true;
    }

    /// <summary>The same request anew, for another attempt.</summary>
    public AppendRequest Again(long deadline) =>
        new() { Tenant = Tenant, Batch = Batch, Series = Series, Hashes = Hashes, WithMetadata = WithMetadata, Deadline = deadline };

    /// <summary>Answers; the first answer counts.</summary>
    public void Complete(AppendResult result) => _completion.TrySetResult(result);
}

/// <summary>What was stored: samples of all kinds, how many of those are histograms, and exemplars.</summary>
internal readonly record struct StoredCounts(int Samples, int Histograms, int Exemplars);

/// <summary>The answer to an <see cref="AppendRequest"/>.</summary>
/// <param name="Stored">What was stored.</param>
/// <param name="RetryableFailure">Why nothing is known to be stored although trying again may help, or null.</param>
/// <param name="MayMove">The partition is being opened, here or elsewhere, or takes nothing here: whoever finds it again soon, or another one, may succeed.</param>
/// <param name="IsElsewhere">Nothing was stored: another node leads the partition.</param>
internal readonly record struct AppendResult(StoredCounts Stored, string? RetryableFailure, bool MayMove = false, bool IsElsewhere = false);

/// <summary>The partition takes no writes here now: another node may, or this one soon, and until then the tenant's next partitions.</summary>
internal sealed class PartitionMovingException(string message) : IOException(message);
