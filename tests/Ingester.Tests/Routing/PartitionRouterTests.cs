using System.Collections.Immutable;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Remote;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;
using Deucalion.Testing.Processes;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

/// <summary>The way of a request to a partition that this node or another leads, and around one that nobody leads.</summary>
public sealed class PartitionRouterTests : IAsyncLifetime
{
    private const string Self = "0000000000000000000000000000000a";
    private const string Other = "0000000000000000000000000000000b";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly AppendResult Stored = new(new StoredCounts(1, 0, 0), null);
    private static readonly AppendResult Moving = new(default, "it moves", MayMove: true);

    private readonly TestMeterFactory _meters = new();
    private readonly WriteBatch _batch = new();
    private readonly Nodes _nodes = new();
    private readonly TenantRoutes _routes = new(
        new PlacementStore(new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1))),
        new RoutingOptions { Partitions = 4, AnonymousWidth = 1 });

    private PartitionId[] _order = [];
    private PartitionRouter _router = null!;

    private RouterOptions Options { get; } = new()
    {
        FailoverWait = TimeSpan.FromMilliseconds(120),
        RerouteFor = TimeSpan.FromMilliseconds(80),
        ProbeWait = TimeSpan.FromMilliseconds(10),
        RerouteWait = TimeSpan.FromMilliseconds(30),
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(5),
    };

    public async ValueTask InitializeAsync()
    {
        _batch.Reset();
        await _routes.StartAsync(CancellationToken.None);
        _order = _routes.Of(TenantId.Anonymous).Order.ToArray();
        _router = new PartitionRouter(Self, _nodes, _nodes, _nodes, _routes, Options, new RouterMetrics(_meters), TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _batch.Dispose();
        _meters.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(Self)]
    [InlineData(Other)]
    public async Task AttemptsHaveADeadline_WhoeverLeads(string primary)
    {
        _nodes.LeadAll(primary, _order);
        _nodes.Answer = static (_, _) => Stored;
        var before = TimeProvider.System.GetTimestamp();
        Assert.Equal(Stored, await AppendAsync());
        var deadline = Assert.Single(_nodes.Attempts).Deadline;
        Assert.InRange(TimeProvider.System.GetElapsedTime(before, deadline), Options.FailoverWait / 2, Options.FailoverWait + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task GoesToTheNextPartition_WhenItsOwnStaysAway_AndBack()
    {
        _nodes.LeadAll(Self, _order);
        var isAway = true;
        _nodes.Answer = (partition, _) => isAway && partition == _order[0] ? Moving : Stored;
        Assert.Equal(Stored, await AppendAsync());
        Assert.Equal(_order[1], _nodes.Attempts[^1].Partition);
        isAway = false;
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal(Stored, await AppendAsync());
                return _nodes.Attempts[^1].Partition == _order[0];
            },
            Soon,
            static () => "its own partition is found again");
    }

    [Fact]
    public async Task TriesANextPartitionAgain_ThatOnceDidNotAnswer()
    {
        _nodes.LeadAll(Self, _order);
        _nodes.Answer = static (_, _) => Moving;
        Assert.True((await AppendAsync()).MayMove);

        // Later the tenant's own is away again, or still, and another is well: nobody writes to that one but by this way.
        _nodes.Answer = (partition, _) => partition == _order[2] ? Stored : Moving;
        await Eventually.TrueAsync(async () => await AppendAsync() == Stored, Soon, static () => "the partition that is well is tried");
        Assert.Equal(_order[2], _nodes.Attempts[^1].Partition);
    }

    [Fact]
    public async Task AFailureThatIsFinal_DoesNotEndTheWayAround()
    {
        _nodes.LeadAll(Self, _order);
        _nodes.Answer = (partition, _) => partition == _order[0] ? Moving : Stored;
        Assert.Equal(Stored, await AppendAsync());

        // It has taken so much that it takes no more, and commits nothing.
        _nodes.Answer = (partition, _) => partition == _order[0] ? new AppendResult(default, "overloaded") : Stored;
        for (var until = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(until) < 4 * Options.RerouteFor;)
        {
            Assert.Equal(Stored, await AppendAsync());
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Contains(_nodes.Attempts, attempt => attempt.Partition == _order[0] && attempt.Result.RetryableFailure == "overloaded");
    }

    [Fact]
    public async Task WhatAnAttemptRejects_CountsOnlyWhereItsAnswerIsTheRequests()
    {
        _nodes.LeadAll(Self, _order);
        _nodes.Answer = (partition, attempt) =>
        {
            attempt.Rejections.Add(RejectReason.OutOfOrder, partition == _order[0] ? 5 : 2);
            return partition == _order[2] ? Stored : Moving;
        };
        var request = Request();
        _router.Append(_order[0], request);
        Assert.Equal(Stored, await request.Completion);
        Assert.Equal(2, request.Rejections.Total);
    }

    [Fact]
    public async Task SaysWhyItsPartitionTakesNothing_HoweverLateItIsAsked()
    {
        _nodes.LeadAll(Self, _order);
        _nodes.Answer = (partition, _) => partition == _order[0] ? new AppendResult(default, "its log is damaged", MayMove: true) : Moving;
        Assert.Equal("its log is damaged", (await AppendAsync()).RetryableFailure);

        // One of them asks it again, the others do not.
        foreach (var result in await Task.WhenAll(AppendAsync(), AppendAsync(), AppendAsync()))
        {
            Assert.Equal("its log is damaged", result.RetryableFailure);
        }
    }

    private Task<AppendResult> AppendAsync()
    {
        var request = Request();
        _router.Append(_order[0], request);
        return request.Completion;
    }

    private AppendRequest Request() =>
        new() { Tenant = TenantId.Anonymous, Batch = _batch, Series = new int[1], Hashes = new ulong[1], WithMetadata = false };

    /// <summary>A cluster of two nodes that answers as a test wants.</summary>
    private sealed class Nodes : IClusterViews, IPartitionAppends, IRemoteAppends
    {
        private readonly List<(PartitionId Partition, long Deadline, AppendResult Result)> _attempts = [];

        public ClusterView Current { get; private set; } = View([], Self);

        public Func<PartitionId, AppendRequest, AppendResult> Answer { get; set; } = static (_, _) => Moving;

        public IReadOnlyList<(PartitionId Partition, long Deadline, AppendResult Result)> Attempts
        {
            get
            {
                lock (_attempts)
                {
                    return [.. _attempts];
                }
            }
        }

        public void LeadAll(string primary, IEnumerable<PartitionId> partitions) => Current = View(partitions, primary);

        public void Subscribe(Action<ClusterView> changed) => changed(Current);

        public Task<ClusterView> RefreshAsync(CancellationToken cancellationToken) => Task.FromResult(Current);

        public void Learned(PartitionId partition, PartitionEntry entry)
        {
        }

        public void Append(PartitionId partition, AppendRequest request) => request.Complete(Take(partition, request));

        public Task<RemoteAppendOutcome> AppendAsync(
            string address, string nodeId, PartitionId partition, AppendRequest request, TimeSpan deadline, CancellationToken cancellationToken) =>
            Task.FromResult<RemoteAppendOutcome>(new RemoteAppendOutcome.Answered(Take(partition, request)));

        private static ClusterView View(IEnumerable<PartitionId> partitions, string primary) => new(
            1,
            [Node(Self), Node(Other)],
            partitions.ToImmutableDictionary(static partition => partition, _ => Entry(primary)),
            Self,
            DateTimeOffset.UnixEpoch,
            long.MaxValue);

        private static NodeRecord Node(string id) => new(id, "127.0.0.1:1", "127.0.0.1:2", "z", [NodeRecord.Ingester], NodeState.Active, 1, "0.3.0");

        private static PartitionEntry Entry(string primary) => new()
        {
            Term = 1,
            Version = 1,
            ReplicationFactor = 1,
            MinInSync = 1,
            Primary = primary,
            InSync = [new ReplicaRef(primary, primary)],
            Learners = [],
            WriterId = "1",
            Counter = 1,
        };

        private AppendResult Take(PartitionId partition, AppendRequest request)
        {
            var result = Answer(partition, request);
            lock (_attempts)
            {
                _attempts.Add((partition, request.Deadline, result));
            }

            return result;
        }
    }
}
