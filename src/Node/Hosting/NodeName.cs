using Deucalion.Common.IO;
using Deucalion.Replication.Coordination;

namespace Deucalion.Node.Hosting;

/// <summary>The lasting name of this node, kept in its data directory.</summary>
internal sealed class NodeName(string dataPath)
{
    private string? _name;

    /// <summary>The name; made at the first start.</summary>
    public string Of(IDisk disk) => _name ??= NodeIdentity.LoadOrCreate(disk, Path.Combine(dataPath, "node-id"));
}
