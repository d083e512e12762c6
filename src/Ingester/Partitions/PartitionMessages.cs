using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// What a partition's actor is asked; handled one at a time, in order of arrival. An <see cref="AppendRequest"/> is one too.
/// </summary>
internal abstract class PartitionMessage;

/// <summary>A message that is answered with a value, or with the exception that kept it from being done.</summary>
internal abstract class PartitionQuestion<T> : PartitionMessage
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer.</summary>
    public Task<T> Answer => _answer.Task;

    public void Complete(T answer) => _answer.TrySetResult(answer);

    public void Fail(Exception reason) => _answer.TrySetException(reason);
}

/// <summary>The log has something new.</summary>
internal sealed class AdvanceMessage : PartitionMessage
{
    public static readonly AdvanceMessage Instance = new();

    private AdvanceMessage()
    {
    }
}

/// <summary>
/// Cuts the windows that are due, or all; answered, once the cuts are committed, with every sealed generation of the partition, the oldest first.
/// </summary>
internal sealed class CutQuestion(bool all) : PartitionQuestion<IReadOnlyList<SealedGeneration>>
{
    public bool All { get; } = all;
}

/// <summary>A generation that takes no more samples and is to become a block.</summary>
internal sealed record SealedGeneration(TenantId Tenant, long Generation);

/// <summary>A sealed generation has become a block that a manifest lists; answered once the truncation is committed and applied.</summary>
internal sealed class TruncateQuestion(TenantId tenant, TruncatedGeneration generation) : PartitionQuestion<bool>
{
    public TenantId Tenant { get; } = tenant;

    public TruncatedGeneration Generation { get; } = generation;
}

/// <summary>Writes a checkpoint now; answered once it is durable.</summary>
internal sealed class CheckpointQuestion : PartitionQuestion<bool>;

/// <summary>Ends the actor; what waits behind is refused.</summary>
internal sealed class StopQuestion(bool checkpoint) : PartitionQuestion<bool>
{
    public bool Checkpoint { get; } = checkpoint;
}
