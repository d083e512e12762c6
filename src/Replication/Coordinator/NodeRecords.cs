using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;

namespace Deucalion.Replication.Coordinator;

/// <summary>Changes of other nodes' records: states by coordinator and operators. Thread-safe.</summary>
internal sealed class NodeRecords(ICoordinationStore store)
{
    /// <summary>
    /// Puts a node into a state and returns its record; null where it has none. With <paramref name="lease"/> only a joining process of that lease is changed:
    /// otherwise the record as it is comes back.
    /// </summary>
    public async Task<NodeRecord?> SetStateAsync(string id, NodeState state, long? lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.GetAsync(NodeRecord.KeyOf(id), cancellationToken) is not { } document)
            {
                return null;
            }

            var record = NodeRecord.Parse(document.Value.Span);
            if (record.State == state || (lease is not null && (record.Lease != lease || record.State != NodeState.Joining)))
            {
                return record;
            }

            if (await store.PutIfAsync(document.Key, NodeRecord.WithState(document.Value.Span, state), document.Revision, cancellationToken) is not null)
            {
                return record with { State = state };
            }
        }
    }

    /// <summary>Deletes the record of a node that was last seen under that lease. False: it is another one, or it changed.</summary>
    public async Task<bool> DeleteAsync(string id, long lease, CancellationToken cancellationToken) =>
        await store.GetAsync(NodeRecord.KeyOf(id), cancellationToken) is not { } document
        || (NodeRecord.Parse(document.Value.Span).Lease == lease && await store.DeleteIfAsync(document.Key, document.Revision, cancellationToken));
}
