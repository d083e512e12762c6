namespace Deucalion.Common.Wire;

/// <summary>A call failed. On a server, thrown by a handler, it is the answer: status and message reach the caller.</summary>
public sealed class WireException : IOException
{
    /// <summary>A failure with its status.</summary>
    public WireException(WireStatus status, string message, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
    }

    /// <summary>Why the call failed; never <see cref="WireStatus.Ok"/>.</summary>
    public WireStatus Status { get; }

    /// <summary>True: no connection could be made, so the peer has certainly not seen the call. False: it may have, unless the status says otherwise.</summary>
    public bool IsUnsent { get; init; }
}
