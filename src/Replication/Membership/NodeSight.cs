using System.Text.Json.Serialization;

namespace Deucalion.Replication.Membership;

/// <summary>A node with what is known of its lease.</summary>
internal sealed record NodeSight(
    [property: JsonPropertyName("record")] NodeRecord Record,
    [property: JsonPropertyName("isAlive")] bool IsAlive)
{
    /// <summary>
    /// A node by its record and the token of its lease (null: it is dead). A record of an earlier lease tells of a process before: the one that runs has
    /// yet to join.
    /// </summary>
    public static NodeSight Of(NodeRecord record, long? token) =>
        new(token is null || token == record.Lease || record.State == NodeState.Leaving ? record : record with { State = NodeState.Joining }, token is not null);
}
