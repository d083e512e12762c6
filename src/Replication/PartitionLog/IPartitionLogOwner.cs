using Deucalion.Common.Contracts;
using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>The owner of a partition's state: fed with committed records by one path, at replay and live.</summary>
public interface IPartitionLogOwner
{
    /// <summary>Takes the state of a checkpoint; called once, before any <see cref="Apply"/>, by recovery.</summary>
    void Load(CheckpointReader checkpoint);

    /// <summary>
    /// A record has been committed. In order of seq, each once; called by recovery before the owner's mailbox runs, then only from
    /// <see cref="ReplicatedLog"/>'s methods on the mailbox. Kinds of the protocol (64 and above) are not passed on. The payload is valid during the call.
    /// </summary>
    void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload);

    /// <summary>There is progress: call <see cref="ReplicatedLog.Advance"/> on the mailbox soon. Called on any thread, must not block; not again before Advance.</summary>
    void LogProgressed();
}
