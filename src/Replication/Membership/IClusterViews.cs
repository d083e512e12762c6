using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Membership;

/// <summary>What this node knows of its cluster. Thread-safe.</summary>
public interface IClusterViews
{
    /// <summary>The newest view.</summary>
    ClusterView Current { get; }

    /// <summary>
    /// Asks to be given every new view, one at a time and never an older one after a newer one; some may be left out. Called on the thread that learnt of
    /// the change: must not block and must not throw.
    /// </summary>
    void Subscribe(Action<ClusterView> changed);

    /// <summary>
    /// A view that was read from the store after the call began; callers at the same time share a reading. <see cref="CoordinationException"/> where the
    /// store cannot be reached: the present view then goes on being what is known.
    /// </summary>
    Task<ClusterView> RefreshAsync(CancellationToken cancellationToken);

    /// <summary>An entry was seen or written by the protocol: if it is newer than the one known it is shown at once, and told to the coordinator.</summary>
    void Learned(PartitionId partition, PartitionEntry entry);
}
