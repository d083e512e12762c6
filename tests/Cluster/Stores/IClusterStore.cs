namespace Deucalion.Cluster.Stores;

/// <summary>The store that a cluster agrees through, and how it fails.</summary>
internal interface IClusterStore
{
    StoreKind Kind { get; }

    /// <summary>The store can no longer be reached by one node.</summary>
    void CutFrom(string node);

    /// <summary>That node reaches it again.</summary>
    void GiveBackTo(string node);

    /// <summary>The store is gone for everybody, with whatever it had not made durable.</summary>
    Task KillAsync();

    /// <summary>It is back.</summary>
    Task ReviveAsync();
}
