using System.Text.Json.Serialization;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>How far a replica is behind its primary, for a page.</summary>
/// <param name="Node">Node of the replica.</param>
/// <param name="Records">Records of the log that it lacks; null: not known, since it is not heard, or waits for a checkpoint.</param>
/// <param name="Seconds">At most so long ago it held all that there was then; 0 where it lacks nothing.</param>
public sealed record ReplicaLag(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("records")] long? Records,
    [property: JsonPropertyName("seconds")] double Seconds)
{
    internal static bool IsComplete(ReplicaLag? lag) =>
        lag is { Records: null or >= 0, Seconds: >= 0 and < double.PositiveInfinity } && ReplicaProtocol.TryParse(lag.Node, out _);
}
