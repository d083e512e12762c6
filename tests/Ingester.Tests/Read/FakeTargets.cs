using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Tests.Read;

/// <summary>A view of a cluster that a test changes; what is set in <see cref="Store"/> is seen after a refresh.</summary>
internal sealed class FakeTargets : IReadTargets
{
    private volatile State _seen = new([], []);

    public IReadOnlyList<ReadTarget> Current => _seen.Nodes;

    public IReadOnlyCollection<PartitionId> KnownPartitions => _seen.Partitions;

    public TimeSpan Age { get; set; }

    public int Refreshes { get; private set; }

    /// <summary>Called by a refresh: returns what the store holds, or throws.</summary>
    public Func<int, (IEnumerable<FakeHeadNode> Nodes, IEnumerable<int> Partitions)>? Store { get; set; }

    public void See(IEnumerable<FakeHeadNode> nodes, params IEnumerable<int> partitions) =>
        _seen = new State([.. nodes.Select(static x => x.Target)], [.. partitions.Select(static x => new PartitionId(x))]);

    public Task RefreshAsync(CancellationToken cancellationToken)
    {
        Refreshes++;
        if (Store is { } store)
        {
            var (nodes, partitions) = store(Refreshes);
            See(nodes, partitions);
        }

        Age = TimeSpan.Zero;
        return Task.CompletedTask;
    }

    private sealed record State(IReadOnlyList<ReadTarget> Nodes, IReadOnlyList<PartitionId> Partitions);
}
