using Deucalion.Cluster.Network;

namespace Deucalion.Cluster.Stores;

/// <summary>A store of real nodes.</summary>
internal abstract class ClusterStore : IClusterStore, IDisposable
{
    /// <summary>Name of the store in the network of links.</summary>
    public const string LinkName = "store";

    public abstract StoreKind Kind { get; }

    public static ClusterStore Create(StoreKind kind, string directory, FaultNetwork network) => kind switch
    {
        StoreKind.Local or StoreKind.Bucket => new DirectoryStore(kind, directory),
        StoreKind.Etcd => new EtcdStore(directory, network),
        StoreKind.S3 => new GatewayStore(directory, network),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public abstract Task StartAsync();

    /// <summary>Keys of the configuration by which a node reaches the store. Call once for each node.</summary>
    public abstract Dictionary<string, string> SettingsFor(string node);

    public abstract void CutFrom(string node);

    public abstract void GiveBackTo(string node);

    public abstract Task KillAsync();

    public abstract Task ReviveAsync();

    public abstract void Dispose();
}
