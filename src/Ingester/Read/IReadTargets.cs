using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Read;

/// <summary>Whom a query asks, as this node sees the cluster. Thread-safe; the answers may come from different versions, later ones from later.</summary>
internal interface IReadTargets
{
    /// <summary>The ingester nodes that are alive.</summary>
    IReadOnlyList<ReadTarget> Current { get; }

    /// <summary>
    /// Ingesters that lead partitions and are not known to be alive: they may be cut off from the coordination store alone. An answer of theirs is as good as any; that
    /// they are silent tells nothing.
    /// </summary>
    IReadOnlyList<ReadTarget> WithoutLease { get; }

    /// <summary>The partitions that exist.</summary>
    IReadOnlyCollection<PartitionId> KnownPartitions { get; }

    /// <summary>Time since all this was read from the coordination store.</summary>
    TimeSpan Age { get; }

    /// <summary>Reads it anew: what was there when the call began is known when it completes. Throws where the store does not answer.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}

/// <summary>A node to ask.</summary>
/// <param name="NodeId">Its name, 32 hexadecimal digits.</param>
/// <param name="Address">Where it takes internal calls, <c>host:port</c>.</param>
/// <param name="IsSelf">Whether it is this node.</param>
internal readonly record struct ReadTarget(string NodeId, string Address, bool IsSelf);
