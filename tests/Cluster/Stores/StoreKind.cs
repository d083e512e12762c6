namespace Deucalion.Cluster.Stores;

/// <summary>What a cluster agrees through and keeps its blocks in.</summary>
public enum StoreKind
{
    /// <summary>Coordination in local files, bucket in a local directory; both shared by all nodes of the machine.</summary>
    Local,

    /// <summary>Coordination in the bucket, which is a shared local directory.</summary>
    Bucket,

    /// <summary>Coordination in the bucket, which Ceph's S3 gateway serves.</summary>
    S3,

    /// <summary>Coordination in etcd, bucket in a shared local directory.</summary>
    Etcd,
}
