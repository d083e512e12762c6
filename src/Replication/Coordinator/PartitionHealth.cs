using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator;

/// <summary>How a partition is.</summary>
[JsonConverter(typeof(PartitionHealthConverter))]
public enum PartitionHealth
{
    /// <summary>As many in-sync replicas as it is to have are on nodes that are alive.</summary>
    Healthy,

    /// <summary>It works, or can, but a replica is missing.</summary>
    UnderReplicated,

    /// <summary>The node of its primary is dead.</summary>
    WithoutPrimary,
}

/// <summary>Healths by their names.</summary>
internal sealed class PartitionHealthConverter() : JsonStringEnumConverter<PartitionHealth>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
