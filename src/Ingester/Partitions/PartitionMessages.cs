using Deucalion.Common.Actors;
using Deucalion.Common.Contracts;
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
internal sealed class TruncateMessage(TenantId tenant, TruncatedGeneration generation, Reply<bool> reply) : PartitionMessage
{
    public TenantId Tenant { get; } = tenant;

    public TruncatedGeneration Generation { get; } = generation;

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
