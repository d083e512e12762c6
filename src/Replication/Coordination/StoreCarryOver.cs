using Deucalion.Common.Identifiers;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordination;

/// <summary>What was carried over.</summary>
/// <param name="Partitions">Entries of the partition table.</param>
/// <param name="Tenants">Tenants with a width of their own.</param>
public sealed record CarriedOver(int Partitions, int Tenants);

/// <summary>
/// Carries the documents of a node that agreed with nobody but itself over into the store of a cluster, of which it becomes the first node. The node must not
/// have begun to work.
/// <para>
/// Every node that starts reads or creates the document <c>placement</c> before anything else is decided, so that document is the claim: it is created first,
/// with the name of this node in it, and nobody uses a placement with a name in it. Hence of two nodes that were alone, and of a node that begins a cluster anew at the same
/// moment, one alone gets the store. Then come all other documents, then the own store is put away, then the name is taken out. Whatever a crash
/// leaves in between is finished by the next start: until the own store is put away it alone counts, and what is in the shared one is written over.
/// </para>
/// <para>
/// Entries are taken as they are, with their terms, versions and incarnations: logs on disk fit them as before. Not taken are records of nodes, which name a
/// lease that this store does not know, and leases. Their numbers begin anew, which is safe: a number is compared with that of a lease in the same store, or within a
/// process that has seen both, and no process that saw one of the own store goes on; logs and entries know terms alone. (In etcd the document of a lease
/// would be a lease that nobody can end.)
/// </para>
/// </summary>
public sealed class StoreCarryOver
{
    private readonly ICoordinationStore _own;
    private readonly ICoordinationStore _shared;
    private readonly string _ownName;
    private readonly string _sharedName;
    private readonly string _node;

    /// <summary>Nothing is read or written yet. Names of the stores are for messages; <paramref name="node"/> is the id of this node.</summary>
    public StoreCarryOver(ICoordinationStore own, string ownName, ICoordinationStore shared, string sharedName, string node)
    {
        _own = own;
        _ownName = ownName;
        _shared = shared;
        _sharedName = sharedName;
        _node = node;
    }

    /// <summary>
    /// Carries everything over. <paramref name="putAway"/> makes the own store unusable for a start with the settings of before, durably. Null, and nothing is
    /// put away: there is nothing of this node that the shared store lacks. <see cref="CoordinationException"/> where it cannot be done: the message says what to do.
    /// </summary>
    public async Task<CarriedOver?> RunAsync(Action putAway, CancellationToken cancellationToken)
    {
        var entries = await PartitionTable.AllAsync(_own, cancellationToken);
        if (entries.Count == 0)
        {
            return null;
        }

        var placement = await _own.GetAsync(PlacementDocument.Key, cancellationToken) is { } found
            ? PlacementDocument.Parse(found.Value.Span)
            : throw new CoordinationException($"{_ownName} has a partition table, but no placement: it is damaged", null);
        if (!await ClaimAsync(placement with { CarriedFrom = _node }, entries, cancellationToken))
        {
            return null;
        }

        var present = (await _shared.ListAsync(string.Empty, cancellationToken)).ToDictionary(static document => document.Key, StringComparer.Ordinal);
        foreach (var document in await _own.ListAsync(string.Empty, cancellationToken))
        {
            if (IsCarried(document.Key))
            {
                await PutAsync(document, present.GetValueOrDefault(document.Key), cancellationToken);
            }
        }

        putAway();
        await FinishAsync(_shared, _node, cancellationToken);
        return new CarriedOver(entries.Count, placement.Widths.Count);
    }

    /// <summary>Gives the shared store free, where the own one of this node was put away and nothing else was left to do.</summary>
    public static async Task FinishAsync(ICoordinationStore shared, string node, CancellationToken cancellationToken)
    {
        if (await shared.GetAsync(PlacementDocument.Key, cancellationToken) is not { } found)
        {
            return;
        }

        var placement = PlacementDocument.ParseUnfinished(found.Value.Span);
        if (placement.CarriedFrom == node
            && await shared.PutIfAsync(PlacementDocument.Key, (placement with { CarriedFrom = null }).Serialize(), found.Revision, cancellationToken) is null)
        {
            throw Interfered(PlacementDocument.Key);
        }
    }

    private static bool IsCarried(string key) =>
        key != PlacementDocument.Key && !key.StartsWith(NodeRecord.KeyPrefix, StringComparison.Ordinal) && !key.StartsWith(LeaseDocument.KeyOf(string.Empty), StringComparison.Ordinal);

    private static CoordinationException Interfered(string key) =>
        new($"{key} of the coordination store was changed by somebody else while this node carries its documents over: does another process run with a copy of its data directory?", null);

    /// <summary>Whether the shared store is this node's to fill; false: it has all that this node has.</summary>
    private async Task<bool> ClaimAsync(PlacementDocument claim, SortedDictionary<PartitionId, PartitionEntry> entries, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await _shared.GetAsync(PlacementDocument.Key, cancellationToken);
            var present = found is null ? null : PlacementDocument.ParseUnfinished(found.Value.Span);
            if (present is { CarriedFrom: null })
            {
                await RequireThereAsync(entries, cancellationToken);
                return false;
            }

            if (present is not null && present.CarriedFrom != _node)
            {
                throw new CoordinationException(
                    $"node {present.CarriedFrom} carries over what it has into {_sharedName}, and this node has partitions of its own ({_ownName}): two nodes that were alone cannot be made one. {WhatToDo}", null);
            }

            await RequireAtRestAsync(cancellationToken);
            if (present is null && (await PartitionTable.AllAsync(_shared, cancellationToken)).Count > 0)
            {
                throw new CoordinationException($"{_sharedName} has a partition table, but no placement: it is damaged. {WhatToDo}", null);
            }

            if (await _shared.PutIfAsync(PlacementDocument.Key, claim.Serialize(), found?.Revision, cancellationToken) is not null)
            {
                return true;
            }
        }
    }

    private string WhatToDo =>
        $"Either name an empty store, start this node first and the others then; or, to make it a node of the cluster that has that store, give it an empty data.path "
        + $"(what it has taken and not shipped yet does not come along); or, if that store is the right one and {_ownName} is out of date, move {_ownName} away";

    /// <summary>A store that others fill already must know every log of this node. It does where the documents were copied by hand, or both are one store under two names.</summary>
    private async Task RequireThereAsync(SortedDictionary<PartitionId, PartitionEntry> entries, CancellationToken cancellationToken)
    {
        var there = await PartitionTable.AllAsync(_shared, cancellationToken);
        foreach (var (partition, entry) in entries)
        {
            foreach (var log in entry.InSync.Where(log => log.Node == _node))
            {
                if (!there.TryGetValue(partition, out var other) || other.Term < entry.Term || !other.InSync.Concat(other.Learners).Contains(log))
                {
                    throw new CoordinationException(
                        $"{_sharedName} belongs to a cluster that began without this node: it does not know the node's log of partition {partition}, one of {entries.Count} that {_ownName} lists. {WhatToDo}", null);
                }
            }
        }
    }

    private async Task RequireAtRestAsync(CancellationToken cancellationToken)
    {
        if ((await _own.LeasesAsync(string.Empty, cancellationToken)).FirstOrDefault(static lease => lease.IsAlive) is { } held)
        {
            throw new CoordinationException($"node {held.Owner} still uses {_ownName} (lease {held.Name}), which this node wants to carry over into {_sharedName}: stop all that use it first", null);
        }
    }

    private async Task PutAsync(CoordinationEntry document, CoordinationEntry? present, CancellationToken cancellationToken)
    {
        if (present is not null && present.Value.Span.SequenceEqual(document.Value.Span))
        {
            return;
        }

        if (await _shared.PutIfAsync(document.Key, document.Value, present?.Revision, cancellationToken) is null)
        {
            throw Interfered(document.Key);
        }
    }
}
