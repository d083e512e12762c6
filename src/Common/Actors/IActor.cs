namespace Deucalion.Common.Actors;

/// <summary>
/// The behaviour of an actor: the one owner of some mutable state. Its methods are called one at a time, never two at once, on pool threads; it needs
/// no locks and must not block. An exception from <see cref="ReceiveAsync"/> ends this instance: supervision makes a new one.
/// </summary>
public interface IActor<in TMessage>
{
    /// <summary>Before the first message. An exception counts as one from <see cref="ReceiveAsync"/>.</summary>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Handles a message. The token is cancelled when a stop has run out of time.</summary>
    ValueTask ReceiveAsync(TMessage message, CancellationToken cancellationToken);

    /// <summary>After the last message of this instance; <paramref name="failure"/> is why it ends, null at an orderly stop. Must not throw.</summary>
    ValueTask StopAsync(Exception? failure);
}

/// <summary>A message whose sender wants to know when it was not handled.</summary>
public interface IFailableMessage
{
    /// <summary>The message was lost: its handler threw, or the actor stopped before it.</summary>
    void Fail(Exception reason);
}
