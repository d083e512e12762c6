namespace Deucalion.Common.Wire;

/// <summary>How a call ended: the status codes of gRPC.</summary>
public enum WireStatus
{
    /// <summary>The call did what it was asked for.</summary>
    Ok = 0,

    /// <summary>The caller gave the call up, or the peer ended it early.</summary>
    Cancelled = 1,

    /// <summary>The peer failed in a way it does not name.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the peer.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first; whether the call took effect is unknown.</summary>
    DeadlineExceeded = 4,

    /// <summary>What the request names does not exist.</summary>
    NotFound = 5,

    /// <summary>What the request would create exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached: size of a message, memory, rate.</summary>
    ResourceExhausted = 8,

    /// <summary>The peer is not in the state that the call needs; trying again helps only after that changed.</summary>
    FailedPrecondition = 9,

    /// <summary>A concurrent change came first.</summary>
    Aborted = 10,

    /// <summary>Past the end of what is there.</summary>
    OutOfRange = 11,

    /// <summary>The peer has no such method, or not this feature of the protocol.</summary>
    Unimplemented = 12,

    /// <summary>The peer, or the protocol between, is broken.</summary>
    Internal = 13,

    /// <summary>The peer cannot be reached now. Unless the connection was refused, whether the call took effect is unknown.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupt.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
