using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>What the coordinator knows of a node.</summary>
internal sealed class KnownNode(NodeId id)
{
    public NodeId Id => id;

    /// <summary>32 hexadecimal digits.</summary>
    public string Name { get; } = ReplicaProtocol.NameOf(id);

    /// <summary>Its newest record; null: only its lease is known, or entries name it.</summary>
    public NodeRecord? Record { get; set; }

    /// <summary>When its record was last read or written by itself.</summary>
    public long ReadAt { get; set; } = long.MinValue;

    /// <summary>Token of the lease that is there; null: none is.</summary>
    public long? Lease { get; set; }

    /// <summary>Since when the lease is there, or is not.</summary>
    public long Since { get; set; }

    /// <summary>Number of the view that first showed this process to others; null: none did.</summary>
    public long? ShownAt { get; set; }

    /// <summary>Up to which number this process knows the view.</summary>
    public long Knows { get; set; }

    /// <summary>Whether this process said that its replicas are open.</summary>
    public bool Serves { get; set; }

    /// <summary>Whether it said that its disk has no room.</summary>
    public bool IsFull { get; set; }

    /// <summary>When it last asked for news.</summary>
    public long HeardAt { get; set; }

    /// <summary>How long, at that moment, it had not had an answer.</summary>
    public long Silence { get; set; }

    /// <summary>When it asked, without having had an answer of this coordinator, for the first time in a row; null: it has had one.</summary>
    public long? UnansweredSince { get; set; }

    /// <summary>Whether it was in touch when that was last looked at: heard of late, and answered there.</summary>
    public bool IsHeard { get; set; } = true;

    /// <summary>Until then it is given no primaries.</summary>
    public long StandsDownUntil { get; set; } = long.MinValue;

    public bool IsAlive => Lease is not null;

    /// <summary>Whether the record is of the process that holds the lease.</summary>
    public bool IsCurrent => Record is { } record && record.Lease == Lease;

    public bool IsLeaving => Record?.State == NodeState.Leaving;

    /// <summary>Whether everybody knows of it.</summary>
    public bool IsActive => IsCurrent && Record!.State == NodeState.Active;

    /// <summary>How others are to see it; null: it has told nothing of itself yet.</summary>
    public NodeSight? Sight => Record is { } record ? NodeSight.Of(record, Lease) : null;
}
