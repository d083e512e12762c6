using Deucalion.Common.Contracts;
using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>The owner of a partition's state: fed with committed records by one path, at replay and live, on the primary and on backups.</summary>
public interface IPartitionLogOwner
{
    /// <summary>Why the state does not hold what it should, so that this replica cannot lead, or null. Any thread.</summary>
    string? Damage => null;

    /// <summary>Takes the state of a checkpoint, before any <see cref="Apply"/> or after <see cref="Reset"/>: by recovery, or on the mailbox.</summary>
    void Load(CheckpointReader checkpoint);

    /// <summary>
    /// A record has been committed. In order of seq, each once; called by recovery before the owner's mailbox runs, then only from
    /// <see cref="ReplicatedLog"/>'s methods on the mailbox. Kinds of the protocol (64 and above) are not passed on. The payload is valid during the call.
    /// </summary>
    void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload);

    /// <summary>Everything applied is void: the log begins anew. On the mailbox, or by recovery.</summary>
    void Reset();

    /// <summary>
    /// The log has stopped taking appends, or never came to it: nothing is known of what is pending. On the mailbox, before anything else is applied; may be
    /// called when nothing is pending.
    /// </summary>
    void Closed(string reason);

    /// <summary>There is progress: call <see cref="ReplicatedLog.Advance"/> on the mailbox soon. Called on any thread, must not block; not again before Advance.</summary>
    void LogProgressed();
}
