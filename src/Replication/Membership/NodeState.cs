using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Membership;

/// <summary>Where a node stands in its cluster.</summary>
[JsonConverter(typeof(NodeStateConverter))]
public enum NodeState
{
    /// <summary>It runs, but not every other node knows of it yet: it is given nothing.</summary>
    Joining,

    /// <summary>Every other node knows of it: it may be given replicas and primaries.</summary>
    Active,

    /// <summary>Its primaries and replicas are to go to other nodes.</summary>
    Leaving,
}

/// <summary>States by their names in small letters.</summary>
internal sealed class NodeStateConverter() : JsonStringEnumConverter<NodeState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
