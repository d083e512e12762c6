namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Names of the calls about the cluster. Their messages are JSON: there are few of them, and people read them.</summary>
internal static class ClusterMethods
{
    /// <summary>Coordinator to node: this changed (<c>ViewUpdate</c>, answered by <c>PushAnswer</c>).</summary>
    public const string PushEntries = "/deucalion.v1.Cluster/PushEntries";

    /// <summary>Node to coordinator: this is me, what is new? (<c>SyncQuestion</c>, answered by <c>ViewUpdate</c>).</summary>
    public const string Sync = "/deucalion.v1.Cluster/Sync";

    /// <summary>Node to coordinator: primaries are missed, or ask to be replaced (<c>Reports</c>, answered by nothing).</summary>
    public const string Report = "/deucalion.v1.Cluster/Report";

    /// <summary>Any node to the coordinator, for an operator (<c>CommandCall</c>, answered by <c>CommandAnswer</c>).</summary>
    public const string Command = "/deucalion.v1.Cluster/Command";

    /// <summary>Any node to the coordinator: how are things? (nothing, answered by <c>ClusterSnapshot</c>).</summary>
    public const string Status = "/deucalion.v1.Cluster/Status";

    /// <summary>Any node to the one whose replica is to lead, for an operator (<c>ForceElectCall</c>, answered by an entry).</summary>
    public const string ForceElect = "/deucalion.v1.Cluster/ForceElect";

    public static readonly string[] All = [PushEntries, Sync, Report, Command, Status, ForceElect];
}
