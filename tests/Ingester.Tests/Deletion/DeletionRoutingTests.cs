using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Objects;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Deletion;

/// <summary>Which nodes are asked for which partitions, how often, and what the answer says.</summary>
public sealed class DeletionRoutingTests : IDisposable
{
    private static readonly PartitionId[] Partitions = [new(0), new(1), new(2)];
    private readonly TestMeterFactory _meters = new();
    private readonly MemoryObjectStore _objects = new(new SimulatedDisk(1), TimeProvider.System);
    private readonly FakeTargets _targets = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task EachNodeIsAskedOnceForAllThatItLeads()
    {
        var (a, b) = (_targets.Add("a", 0, 2), _targets.Add("b", 1));
        var answer = await DeleteAsync();
        Assert.Equal(new TenantDeletionAnswer(true, 3, 3, 3, 30), answer);
        Assert.Equal(["0 2"], a.Asked);
        Assert.Equal(["1"], b.Asked);
        Assert.Equal(1, _meters.Sum("deucalion_tenant_deletions_total"));
    }

    [Fact]
    public async Task OnlyWhatFailedIsAskedForAgain_WhereItIsLedThen()
    {
        var (a, b) = (_targets.Add("a", 0, 1, 2), _targets.Add("b"));
        a.Fail = partition => partition == 1 ? "it has moved" : null;
        _targets.OnRefresh = () => _targets.Leaders[new PartitionId(1)] = b;
        var answer = await DeleteAsync();
        Assert.Equal((null, 3L), (answer.Failure, answer.Series));
        Assert.Equal(["0 1 2"], a.Asked);
        Assert.Equal(["1"], b.Asked);
        Assert.Equal([new PartitionId(1)], _targets.Learned);
    }

    [Fact]
    public async Task TheAnswerNamesWhatIsMissing_WhenThePatienceEnds()
    {
        var a = _targets.Add("a", 0, 1);
        a.Fail = partition => partition == 1 ? "its disk is full" : null;
        _targets.Patience = TimeSpan.FromMilliseconds(200);
        var answer = await DeleteAsync();
        Assert.Equal("2 of 3 partitions are not known to have deleted the tenant: partition 1: its disk is full; partition 2: nobody leads it", answer.Failure);
        Assert.True(a.Asked.Count > 1);
        Assert.Equal("0 1", a.Asked[0]);
        Assert.All(a.Asked.Skip(1), static asked => Assert.Equal("1", asked));
    }

    [Fact]
    public async Task PartitionsOfWhichTheBucketAloneKnows_AreAskedToo()
    {
        var a = _targets.Add("a", 0, 1, 2, 9);
        await new ManifestStore(_objects).UpdateAsync(
            TenantId.Anonymous, new PartitionId(9), static x => x.WithTenantDeleted(new ManifestDeletion("01J00000000000000000000001", 1), 0), CancellationToken.None);
        Assert.Equal(4, (await DeleteAsync()).Partitions);
        Assert.Equal(["0 1 2 9"], a.Asked);
    }

    [Fact]
    public async Task NobodyIsAsked_WhereItIsNotKnownWhichPartitionsThereAre()
    {
        var a = _targets.Add("a", 0, 1, 2);
        _targets.Trouble = "the store is away";
        Assert.Equal("nothing has been deleted: the store is away", (await DeleteAsync()).Failure);
        _targets.Trouble = null;
        _objects.FailBefore = static (operation, _) => operation == ObjectOperation.List;
        Assert.StartsWith("nothing has been deleted: ", (await DeleteAsync()).Failure, StringComparison.Ordinal);
        Assert.Empty(a.Asked);
    }

    private Task<TenantDeletionAnswer> DeleteAsync() => new TenantDeletions(
        _targets,
        new ManifestStore(_objects),
        new DeletionOptions { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(10) },
        new DeletionMetrics(_meters),
        TimeProvider.System,
        NullLogger<TenantDeletions>.Instance).DeleteAsync(TenantId.Anonymous, "test", CancellationToken.None);

    private sealed class FakeTargets : IDeletionTargets
    {
        public Dictionary<PartitionId, FakeNode> Leaders { get; } = [];

        public List<PartitionId> Learned { get; } = [];

        public Action OnRefresh { get; set; } = static () => { };

        public string? Trouble { get; set; }

        public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

        public FakeNode Add(string name, params int[] partitions)
        {
            var node = new FakeNode(name);
            foreach (var partition in partitions)
            {
                Leaders[new PartitionId(partition)] = node;
            }

            return node;
        }

        public Task<IReadOnlyCollection<PartitionId>> PartitionsAsync(CancellationToken cancellationToken) =>
            Trouble is null ? Task.FromResult<IReadOnlyCollection<PartitionId>>(Partitions) : throw new IOException(Trouble);

        public IDeletionNode? NodeOf(PartitionId partition, out string reason)
        {
            reason = "nobody leads it";
            return Leaders.GetValueOrDefault(partition);
        }

        public void Learn(PartitionOutcome outcome) => Learned.Add(outcome.Partition);

        public Task RefreshAsync(CancellationToken cancellationToken)
        {
            OnRefresh();
            return Task.CompletedTask;
        }
    }

    private sealed class FakeNode(string name) : IDeletionNode
    {
        public List<string> Asked { get; } = [];

        public Func<int, string?> Fail { get; set; } = static _ => null;

        public Task<IReadOnlyList<PartitionOutcome>> DeleteAsync(TenantId tenant, IReadOnlyList<PartitionId> partitions, CancellationToken cancellationToken)
        {
            Asked.Add(string.Join(' ', partitions.Order().Select(static x => x.ToString())));
            return Task.FromResult<IReadOnlyList<PartitionOutcome>>([.. partitions.Select(x => new PartitionOutcome(x, Fail(x.Value), new DeletedData(name.Length > 0, 1, 1, 10)))]);
        }
    }
}
