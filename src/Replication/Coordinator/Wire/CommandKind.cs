using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Kinds of commands to the coordinator.</summary>
[JsonConverter(typeof(CommandKindConverter))]
internal enum CommandKind
{
    /// <summary>All primaries and replicas of a node go to other nodes.</summary>
    Drain,

    /// <summary>A node that was to leave stays.</summary>
    Undrain,

    /// <summary>A node restarts soon: its primaries go to other nodes, its replicas stay.</summary>
    StandDown,

    /// <summary>A replica goes from one node to another.</summary>
    Move,

    /// <summary>Other numbers of replicas, of one partition or of all.</summary>
    Set,
}

/// <summary>Kinds by their names.</summary>
internal sealed class CommandKindConverter() : JsonStringEnumConverter<CommandKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
