namespace Deucalion.Common.Wire;

/// <summary>
/// One bidirectional call. One sender and one receiver at a time; they may be different threads. On a client, disposing a call that has not ended
/// cancels it. After a cancelled <see cref="SendAsync"/> or <see cref="ReceiveAsync"/> the call can only be disposed.
/// </summary>
public interface IWireStream : IAsyncDisposable
{
    /// <summary>
    /// Sends a message; the memory is free again when it returns. Waits while the peer takes nothing (flow control), so a slow reader slows its
    /// writer. <see cref="WireException"/> where the call has ended; <see cref="ReceiveAsync"/> then tells why.
    /// </summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>
    /// Says that no message follows; the peer's <see cref="ReceiveAsync"/> returns null. On a server the call goes on until its handler returns, which
    /// ends it also without this.
    /// </summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The next message, which the caller disposes; null where the peer sends no more (on a client: and has ended the call with
    /// <see cref="WireStatus.Ok"/>). <see cref="WireException"/> for every other end.
    /// </summary>
    ValueTask<WireMessage?> ReceiveAsync(CancellationToken cancellationToken);
}
