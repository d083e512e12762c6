using Deucalion.Replication.Coordination;

namespace Replication.Tests.Coordination;

/// <summary>A handle on a coordination store as a process of its own would have it: it can die, and it can be cut off from the store.</summary>
public abstract class StoreProcess : IAsyncDisposable
{
    /// <summary>The store as this process sees it.</summary>
    public abstract ICoordinationStore Store { get; }

    /// <summary>The process is killed: nothing more leaves it, nothing is released.</summary>
    public abstract Task KillAsync();

    /// <summary>Cuts the way to the store, or mends it: requests fail, or stay without an answer, until then. Only where there is such a way.</summary>
    public virtual void Cut(bool isCut) => throw new NotSupportedException("this store is not reached over a network");

    public abstract ValueTask DisposeAsync();
}
