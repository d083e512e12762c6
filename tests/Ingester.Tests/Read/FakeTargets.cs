using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Tests.Read;

/// <summary>A view of a cluster that a test changes; what is set in <see cref="Store"/> is seen after a refresh.</summary>
internal sealed class FakeTargets : IReadTargets
{
    private volatile State _seen = new([], []);

    public IReadOnlyList<ReadTarget> Current => _seen.Nodes;

    public IReadOnlyList<ReadTarget> WithoutLease { get; set; } = [];

    public IReadOnlyCollection<PartitionId> KnownPartitions => _seen.Partitions;

    public TimeSpan Age { get; set; }

    public int Refreshes { get; private set; }

    /// <summary>A refresh ends no sooner than this.</summary>
    public Task StoreAnswers { get; set; } = Task.CompletedTask;

    /// <summary>Called by a refresh: returns what the store holds, or throws.</summary>
    public Func<int, (IEnumerable<FakeHeadNode> Nodes, IEnumerable<int> Partitions)>? Store { get; set; }

    public void See(IEnumerable<FakeHeadNode> nodes, params IEnumerable<int> partitions) =>
        _seen = new State([.. nodes.Select(static x => x.Target)], [.. partitions.Select(static x => new PartitionId(x))]);

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var number = ++Refreshes;
        await StoreAnswers.WaitAsync(cancellationToken);
        if (Store is { } store)
        {
            var (nodes, partitions) = store(number);
            See(nodes, partitions);
        }

        Age = TimeSpan.Zero;
    }

    private sealed record State(IReadOnlyList<ReadTarget> Nodes, IReadOnlyList<PartitionId> Partitions);
}
