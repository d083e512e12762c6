using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.PartitionLog;

namespace Deucalion.Ingester.Partitions;

/// <summary>A partition as others see it: its actor's address and its readable heads. Thread-safe.</summary>
internal sealed class PartitionHandle(PartitionState state, ReplicatedLog log, ActorRef<PartitionMessage> actor, PartitionOptions options)
{
    /// <summary>The partition.</summary>
    public PartitionId Partition => state.Partition;

    /// <summary>What it holds: for reading, unless <see cref="Unreadable"/>.</summary>
    public PartitionState State => state;

    /// <summary>Why its heads do not hold what they should, or null.</summary>
    public string? Unreadable => log.Refusal ?? state.Damage;

    /// <summary>Whether it takes and answers nothing here, and will not by itself: it is unreadable, or its actor has ended over a defect.</summary>
    public bool IsUnusable => Unreadable is not null || actor.Completion.IsFaulted;

    /// <summary>Its log.</summary>
    public ReplicatedLog Log => log;

    /// <summary>Whether this node is the partition's primary and has opened it.</summary>
    public bool IsLeading => log.IsLeading;

    /// <summary>Whether this node has still to open the partition, which the table says is its business.</summary>
    public bool IsOpening => !log.IsLeading && log is { Refusal: null, IsLedElsewhere: false, Trouble: null, JournalFailure: null } && state.Damage is null;

    /// <summary>
    /// Whether what was read from the heads may be given out: asked after it was read. False where they do not hold what they should, and where another node
    /// leads the partition, or may by now.
    /// </summary>
    public bool MayAnswer => Unreadable is null && log.MayAnswerReads;

    /// <summary>Hands a request over; it is completed in any case.</summary>
    public void Append(AppendRequest request)
    {
        if (!actor.TryTell(request))
        {
            request.Fail(actor.Completion.IsCompleted
                ? new PartitionMovingException($"partition {Partition} has stopped: {state.Damage ?? "see the log"}")
                : new IOException($"partition {Partition} is overloaded: {options.MailboxLength} requests wait"));
        }
    }

    /// <summary>Cuts windows (all, or those that are due); the sealed generations of the partition.</summary>
    public Task<IReadOnlyList<SealedGeneration>> CutAsync(bool all, CancellationToken cancellationToken) =>
        actor.AskAsync<IReadOnlyList<SealedGeneration>>(reply => new CutMessage(all, reply), options.AskTimeout, cancellationToken);

    /// <summary>Logs that a sealed generation has become a block.</summary>
    public Task TruncateAsync(SealedGeneration generation, string ulid, CancellationToken cancellationToken) =>
        actor.AskAsync<bool>(reply => new TruncateMessage(generation, ulid, reply), options.AskTimeout, cancellationToken);

    /// <summary>
    /// Logs the deletion of a tenant; returns the series that its head had, null where there is nothing of the tenant and nothing was logged. The manifest is another
    /// matter: see <see cref="PartitionState.DeletionOf"/>.
    /// </summary>
    public Task<int?> DeleteTenantAsync(TenantId tenant, bool isStored, CancellationToken cancellationToken) =>
        actor.AskAsync<int?>(reply => new DeleteTenantMessage(tenant, isStored, reply), options.AskTimeout, cancellationToken);

    /// <summary>Logs that the manifest shows a deletion.</summary>
    public Task DeletionShownAsync(PendingDeletion deletion, CancellationToken cancellationToken) =>
        actor.AskAsync<bool>(reply => new DeletionShownMessage(deletion, reply), options.AskTimeout, cancellationToken);

    /// <summary>Writes a checkpoint.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) =>
        actor.AskAsync<bool>(reply => new CheckpointMessage(reply), options.AskTimeout, cancellationToken);

    /// <summary>What this node has of the partition now.</summary>
    public Task<ReplicaDescription> DescribeAsync(bool withDigest, CancellationToken cancellationToken) =>
        actor.AskAsync<ReplicaDescription>(reply => new DescribeMessage(withDigest, reply), options.AskTimeout, cancellationToken);

    /// <summary>Stops the actor after what waits in its mailbox.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        try
        {
            await actor.StopAsync(patience);
        }
        catch (ActorStoppedException)
        {
            // It gave up before, and said so.
        }
    }
}
