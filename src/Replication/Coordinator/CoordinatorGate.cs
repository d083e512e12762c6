using Deucalion.Common.Actors;
using Deucalion.Common.Wire;

namespace Deucalion.Replication.Coordinator;

/// <summary>The way to this node's coordinator, while it has one. Thread-safe.</summary>
internal sealed class CoordinatorGate
{
    /// <summary>What a node answers that does not coordinate: whoever asked may ask another one.</summary>
    public const WireStatus NotHere = WireStatus.Aborted;

    private volatile ActorRef<CoordinatorMessage>? _actor;

    /// <summary>The coordinator; null: this node does not coordinate.</summary>
    public ActorRef<CoordinatorMessage>? Actor
    {
        get => _actor;
        set => _actor = value;
    }

    /// <summary>Asks the coordinator. <see cref="WireException"/> where it is not here (<see cref="NotHere"/>) or does not answer.</summary>
    public async Task<T> AskAsync<T>(Func<Reply<T>, CoordinatorMessage> message, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var actor = _actor ?? throw Elsewhere(null);
        try
        {
            return await actor.AskAsync(message, deadline, cancellationToken);
        }
        catch (ActorStoppedException exception)
        {
            throw new WireException(WireStatus.Unavailable, "this node has stopped coordinating", exception);
        }
        catch (TimeoutException exception)
        {
            throw new WireException(WireStatus.DeadlineExceeded, "the coordinator did not answer in time", exception);
        }
    }

    /// <summary>Tells the coordinator. <see cref="WireException"/> where it is not here.</summary>
    public async Task TellAsync(CoordinatorMessage message, CancellationToken cancellationToken)
    {
        var actor = _actor ?? throw Elsewhere(null);
        try
        {
            await actor.TellAsync(message, cancellationToken);
        }
        catch (ActorStoppedException exception)
        {
            throw Elsewhere(exception);
        }
    }

    private static WireException Elsewhere(Exception? inner) => new(NotHere, "this node does not coordinate", inner);
}
