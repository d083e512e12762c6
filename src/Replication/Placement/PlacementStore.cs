using System.Globalization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Placement;

/// <summary>
/// The cluster's placement document <c>placement</c>: the number of partitions, fixed at the first start, the widths of tenants, and how many replicas
/// partitions are to have. Thread-safe; changes are compare-and-swap.
/// </summary>
public sealed class PlacementStore(ICoordinationStore store)
{
    /// <summary>Number of partitions of a new cluster: enough for hundreds of nodes, and one without data costs nothing.</summary>
    public const int DefaultPartitions = 256;

    /// <summary>As the other one, for a process alone: a new document wants one replica.</summary>
    public ValueTask<PlacementView> LoadOrCreateAsync(int partitions, int anonymousWidth, CancellationToken cancellationToken) =>
        LoadOrCreateAsync(partitions, anonymousWidth, ReplicaNumbers.One, cancellationToken);

    /// <summary>
    /// The view in force. At the first start one is made, with this number of partitions, this width of the tenant <c>anonymous</c> and these numbers of
    /// replicas; every other tenant begins with width 1.
    /// </summary>
    public async ValueTask<PlacementView> LoadOrCreateAsync(int partitions, int anonymousWidth, ReplicaNumbers numbers, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await LoadAsync(cancellationToken) is { } view)
            {
                return view;
            }

            var document = new PlacementDocument
            {
                Version = 1,
                Partitions = partitions,
                Widths = new SortedDictionary<string, int>(StringComparer.Ordinal) { [TenantId.Anonymous.Value] = Math.Min(anonymousWidth, partitions) },
                ReplicationFactor = numbers.ReplicationFactor,
                MinInSync = numbers.MinInSync,
            };
            if (await store.PutIfAsync(PlacementDocument.Key, document.Serialize(), null, cancellationToken) is not null)
            {
                return document.ToView();
            }
        }
    }

    /// <summary>The view in force; null where no node of the cluster has started yet.</summary>
    public async ValueTask<PlacementView?> LoadAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(PlacementDocument.Key, cancellationToken) is { } entry ? PlacementDocument.Parse(entry.Value.Span).ToView() : null;

    /// <summary>Makes a tenant at least this wide and returns the view then in force.</summary>
    public ValueTask<PlacementView> WidenAsync(TenantId tenant, int width, CancellationToken cancellationToken) =>
        ChangeAsync(
            document =>
            {
                var wanted = Math.Min(width, document.Partitions);
                if (document.Widths.GetValueOrDefault(tenant.Value, 1) >= wanted)
                {
                    return null;
                }

                var widths = new SortedDictionary<string, int>(document.Widths, StringComparer.Ordinal) { [tenant.Value] = wanted };
                return document with { Widths = widths };
            },
            cancellationToken);

    /// <summary>Sets how many replicas every partition is to have, those made later too, and returns the view then in force.</summary>
    public ValueTask<PlacementView> SetNumbersAsync(ReplicaNumbers numbers, CancellationToken cancellationToken) =>
        ChangeAsync(
            document => document with { ReplicationFactor = numbers.ReplicationFactor, MinInSync = numbers.MinInSync, Numbers = null },
            cancellationToken);

    /// <summary>Sets how many replicas one partition is to have, whatever the others have, and returns the view then in force.</summary>
    public ValueTask<PlacementView> SetNumbersAsync(PartitionId partition, ReplicaNumbers numbers, CancellationToken cancellationToken) =>
        ChangeAsync(
            document =>
            {
                if (partition.Value < 0 || partition.Value >= document.Partitions)
                {
                    throw new ArgumentOutOfRangeException(nameof(partition), $"the cluster has the partitions 0 to {document.Partitions - 1}");
                }

                var own = new SortedDictionary<string, PlacementDocument.PartitionNumbers>(document.Numbers ?? [], StringComparer.Ordinal);
                own[partition.Value.ToString(CultureInfo.InvariantCulture)] = new PlacementDocument.PartitionNumbers(numbers.ReplicationFactor, numbers.MinInSync);
                return document with { Numbers = own };
            },
            cancellationToken);

    /// <summary>Repeats until the document that was changed is the one that is replaced; null: nothing to change.</summary>
    private async ValueTask<PlacementView> ChangeAsync(Func<PlacementDocument, PlacementDocument?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = await store.GetAsync(PlacementDocument.Key, cancellationToken)
                ?? throw new CoordinationException("the placement document is missing", null);
            var document = PlacementDocument.Parse(entry.Value.Span);
            if (change(document) is not { } changed)
            {
                return document.ToView();
            }

            changed = changed with { Version = document.Version + 1 };
            if (await store.PutIfAsync(PlacementDocument.Key, changed.Serialize(), entry.Revision, cancellationToken) is not null)
            {
                return changed.ToView();
            }
        }
    }
}
