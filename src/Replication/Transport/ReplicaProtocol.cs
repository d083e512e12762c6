using System.Globalization;
using Deucalion.Common.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>What calls between replicas are called, which version of the protocol they speak, and who may call.</summary>
internal static class ReplicaProtocol
{
    /// <summary>The version of this program. A later one adds fields and kinds of messages, which an earlier one skips and drops.</summary>
    public const int Version = ClusterProtocol.Newest;

    /// <summary>The oldest version that this program understands.</summary>
    public const int OldestVersion = ClusterProtocol.Oldest;

    public const string Messages = "/deucalion.v1.Replication/Messages";

    public const string Checkpoint = "/deucalion.v1.Replication/Checkpoint";

    private const int NameLength = 32;

    /// <summary>A node's name as calls carry it.</summary>
    public static string NameOf(NodeId node) => node.Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Reads a node's name: 32 hexadecimal digits.</summary>
    public static bool TryParse(string? name, out NodeId node)
    {
        UInt128 value = 0;
        var parsed = name?.Length == NameLength && UInt128.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        node = new NodeId(value);
        return parsed;
    }

    /// <summary>The node that calls.</summary>
    /// <exception cref="WireException">It does not say who it is, or speaks a version that is not understood.</exception>
    public static NodeId CallerOf(WireCall call)
    {
        if (!TryParse(call.Node, out var node))
        {
            throw new WireException(WireStatus.Unauthenticated, $"a call of a node that is named '{call.Node}'");
        }

        return call.Protocol >= OldestVersion
            ? node
            : throw new WireException(WireStatus.FailedPrecondition, $"node {call.Node} speaks version {call.Protocol} of the protocol; the oldest that is understood is {OldestVersion}");
    }
}
