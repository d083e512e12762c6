using Deucalion.Common.Actors;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// What a partition's actor is told; handled one at a time, in order of arrival. An <see cref="AppendRequest"/> is one too.
/// </summary>
internal abstract class PartitionMessage : IFailableMessage
{
    /// <inheritdoc/>
    public abstract void Fail(Exception reason);
}

/// <summary>The log has something new. Urgent: it answers requests, and is not repeated before it was handled.</summary>
internal sealed class AdvanceMessage : PartitionMessage
{
    public static readonly AdvanceMessage Instance = new();

    private AdvanceMessage()
    {
    }

    public override void Fail(Exception reason)
    {
    }
}

/// <summary>
/// Cuts the windows that are due, or all; answered, once the cuts are committed, with every sealed generation of the partition, the oldest first.
/// </summary>
internal sealed class CutMessage(bool all, Reply<IReadOnlyList<SealedGeneration>> reply) : PartitionMessage
{
    public bool All { get; } = all;

    public Reply<IReadOnlyList<SealedGeneration>> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>A sealed generation has become a block that a manifest lists; answered once the truncation is committed and applied.</summary>
internal sealed class TruncateMessage(SealedGeneration generation, string ulid, Reply<bool> reply) : PartitionMessage
{
    public SealedGeneration Generation { get; } = generation;

    /// <summary>Name of the block; empty where the generation had no samples.</summary>
    public string Ulid { get; } = ulid;

    public Reply<bool> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>
/// Deletes a tenant: everything that was accepted before. Answered once that is committed and applied, with the series that the head had; with null, and without a
/// record, where the partition never had anything of the tenant and <paramref name="isStored"/> is false.
/// </summary>
/// <param name="tenant">Whose data.</param>
/// <param name="isStored">Whether the manifest lists blocks of the tenant.</param>
/// <param name="reply">Takes the answer.</param>
internal sealed class DeleteTenantMessage(TenantId tenant, bool isStored, Reply<int?> reply) : PartitionMessage
{
    public TenantId Tenant { get; } = tenant;

    public bool IsStored { get; } = isStored;

    public Reply<int?> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>The manifest shows a deletion; answered once that is committed and applied.</summary>
internal sealed class DeletionShownMessage(PendingDeletion deletion, Reply<bool> reply) : PartitionMessage
{
    public PendingDeletion Deletion { get; } = deletion;

    public Reply<bool> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>Writes a checkpoint now; answered once it is durable.</summary>
internal sealed class CheckpointMessage(Reply<bool> reply) : PartitionMessage
{
    public Reply<bool> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>Says what this node has of the partition, with a digest of the heads or without.</summary>
internal sealed class DescribeMessage(bool withDigest, Reply<ReplicaDescription> reply) : PartitionMessage
{
    public bool WithDigest { get; } = withDigest;

    public Reply<ReplicaDescription> Reply { get; } = reply;

    public override void Fail(Exception reason) => Reply.Fail(reason);
}
