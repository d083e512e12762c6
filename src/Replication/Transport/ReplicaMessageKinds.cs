using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>Names of kinds of messages, as metrics have them.</summary>
internal static class ReplicaMessageKinds
{
    /// <summary>A kind that this version does not know.</summary>
    public const string Unknown = "unknown";

    /// <summary>The name of a message's kind.</summary>
    public static string NameOf(ReplicaMessage message) => message switch
    {
        PromiseRequest => "promise_request",
        Promise => "promise",
        TermRefused => "term_refused",
        AppendRecords => "append",
        AppendMismatch => "append_mismatch",
        Appended => "appended",
        ForeignLog => "foreign_log",
        Heartbeat => "heartbeat",
        HeartbeatReply => "heartbeat_reply",
        GrantReleased => "grant_released",
        StandAside => "stand_aside",
        CommitQuery => "commit_query",
        CommitReply => "commit_reply",
        PlaceReplica => "place_replica",
        HandOffRequest => "hand_off",
        SetNumbers => "set_numbers",
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "a message that has no name"),
    };

    /// <summary>
    /// Version of the protocol that has to be in effect before a message is sent; one that nodes of the version before would not know names a later one. Until then
    /// it is dropped, as if the network had lost it.
    /// </summary>
    public static int SentSince(ReplicaMessage message) => 1;
}
