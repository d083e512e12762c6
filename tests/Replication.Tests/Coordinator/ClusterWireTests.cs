using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>Nodes over real connections and a store of files.</summary>
public sealed class ClusterWireTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("cluster-").FullName;
    private readonly List<Member> _members = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task NodesFindEachOther_ObeyCommands_AndAnotherCoordinatesWhenOneGoes()
    {
        await new PlacementStore(Store()).LoadOrCreateAsync(16, 1, ReplicaNumbers.WithMajority(3), Token);
        await Store().PutIfAsync("partitions/1", TestNodes.Entry(1, 3, 1, 2, 3).Serialize(), null, Token);
        for (var number = 1; number <= 3; number++)
        {
            _members.Add(await Member.StartAsync(number, Store()));
        }

        await EventuallyAsync(() => _members.All(static member => member.View.Nodes.Count(static node => node.State == NodeState.Active) == 3));
        var coordinator = _members.Single(member => member.Name == member.View.Coordinator);
        var other = _members.First(member => member != coordinator);

        var snapshot = await other.Module.Commands.SnapshotAsync(Token);
        Assert.Equal((coordinator.Name, true, 1), (snapshot.Status.Coordinator, snapshot.Status.FromCoordinator, snapshot.Partitions.Count));
        await other.Module.Commands.SetAsync(null, ReplicaNumbers.WithMajority(2), Token);
        await EventuallyAsync(() => _members.Any(static member => member.Told.Any(static message => message is SetNumbers { ReplicationFactor: 2 })));
        var refused = await Assert.ThrowsAsync<WireException>(() => other.Module.Commands.DrainAsync(TestNodes.Name(9), Token));
        Assert.Equal(WireStatus.NotFound, refused.Status);

        // What one learns all learn, at once.
        other.Module.Views.Learned(new PartitionId(1), TestNodes.Entry(2, 3, 2, 1, 3));
        await EventuallyAsync(() => _members.All(static member => member.View.EntryOf(new PartitionId(1))?.Version == 2));

        await coordinator.DisposeAsync();
        _members.Remove(coordinator);
        await EventuallyAsync(() => _members.All(member => member.View.Coordinator is { } id && id != coordinator.Name && member.View.Find(coordinator.Name) is null));
    }

    [Fact]
    public async Task ANodeWhoseAddressIsNone_HoldsNobodyUp_EvenIfItCoordinatesFirst()
    {
        await new PlacementStore(Store()).LoadOrCreateAsync(16, 1, ReplicaNumbers.WithMajority(3), Token);
        await Store().PutIfAsync("partitions/1", TestNodes.Entry(1, 3, 1, 2, 3).Serialize(), null, Token);
        var wrong = await Member.StartAsync(1, Store(), advertised: ":9095");
        _members.Add(wrong);
        await EventuallyAsync(() => wrong.View.Coordinator == wrong.Name);
        for (var number = 2; number <= 3; number++)
        {
            _members.Add(await Member.StartAsync(number, Store()));
            _members[^1].Module.Reports.PrimaryMissing(new PartitionId(1), 1);
        }

        // Nobody can ask it anything, so it gives way; and who coordinates then cannot push anything to it, but to the others.
        await EventuallyAsync(() => _members.All(member => member.View.Coordinator is { } id && id != wrong.Name && member.View.Nodes.Count(static node => node.State == NodeState.Active) == 3));
        _members[^1].Module.Views.Learned(new PartitionId(1), TestNodes.Entry(2, 3, 2, 1, 3));
        await EventuallyAsync(() => _members.All(static member => member.View.EntryOf(new PartitionId(1))?.Version == 2));
        Assert.All(_members, static member => Assert.Equal(0, member.Failures));
    }

    [Fact]
    public async Task ACallThatNamesAnotherNode_IsRefused()
    {
        var member = await Member.StartAsync(1, Store());
        _members.Add(member);
        using var channels = new PeerChannels(to => LoopbackNode.Options(TestNodes.Name(7), to), TimeProvider.System);
        var question = new SyncQuestion { Record = TestNodes.Record(2), Token = 0, Seq = 0, Entries = [], Serves = true };
        var channel = channels.To(member.Name, member.Address);

        var lie = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(ClusterMethods.Sync, ClusterJson.Write(question), TimeSpan.FromSeconds(5), Token));
        Assert.Equal(WireStatus.InvalidArgument, lie.Status);
        var nonsense = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(ClusterMethods.Report, "x"u8.ToArray(), TimeSpan.FromSeconds(5), Token));
        Assert.Equal(WireStatus.InvalidArgument, nonsense.Status);
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 3000 && !condition(); i++)
        {
            await timer.WaitForNextTickAsync(Token);
        }

        Assert.True(condition());
    }

    private LocalFileStore Store() =>
        new(new LinuxDisk(), Path.Combine(_root, "store"), new FileStoreLock(Path.Combine(_root, "locks")), TimeProvider.System, TimeSpan.FromSeconds(1));

    private sealed class Member : IReplicaTransport, ILocalReplicas, IAsyncDisposable
    {
        private readonly TestMeterFactory _meters = new();
        private readonly ActorSystem _actors;
        private readonly PeerChannels _channels;
        private readonly List<ReplicaMessage> _told = [];
        private WireHost _server = null!;

        private Member(int number)
        {
            Address = $"127.0.0.1:{Ports.Free()}";
            Name = TestNodes.Name(number);
            _actors = new ActorSystem(TimeProvider.System, new ActorMetrics(_meters), NullLogger<ActorSystem>.Instance);
            _channels = new PeerChannels(to => LoopbackNode.Options(Name, to), TimeProvider.System);
        }

        public string Name { get; }

        public string Address { get; }

        public ClusterModule Module { get; private set; } = null!;

        public ClusterView View => Module.Views.Current;

        public IReadOnlyList<ReplicaMessage> Told
        {
            get
            {
                lock (_told)
                {
                    return [.. _told];
                }
            }
        }

        /// <summary>Messages that its actors, the coordinator among them, failed at.</summary>
        public double Failures => _meters.Sum("deucalion_actor_failures_total");

        public static async Task<Member> StartAsync(int number, ICoordinationStore store, string? advertised = null)
        {
            var member = new Member(number);

            member.Make(number, store, advertised ?? member.Address);
            member._server = await WireHost.StartAsync(
                member.Module.Map, new WireServerOptions { NodeId = member.Name }, port: int.Parse(member.Address.Split(':')[1], null));
            await member.Module.JoinAsync(Token);
            member.Module.Serve(member, member);
            return member;
        }

        public void Send(NodeId to, PartitionId partition, ReplicaMessage message)
        {
            lock (_told)
            {
                _told.Add(message);
            }
        }

        public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => throw new NotSupportedException();

        public ReplicaId? Find(PartitionId partition) => null;

        public ValueTask LearnAsync(PartitionId partition, TableEntry entry, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await Module.DisposeAsync();
            await _server.DisposeAsync();
            _channels.Dispose();
            _meters.Dispose();
        }

        private void Make(int number, ICoordinationStore store, string advertised)
        {
            Module = new ClusterModule(new ClusterModuleParts
            {
                Self = TestNodes.Record(number) with { Address = advertised },
                Store = store,
                Calls = (directory, service) => new ClusterCalls(TestNodes.Id(number), directory, _channels, service),
                Actors = _actors,
                Metrics = new ClusterMetrics(_meters),
                Time = TimeProvider.System,
                Loggers = NullLoggerFactory.Instance,
                Coordinator = new CoordinatorOptions { SyncEvery = TimeSpan.FromMilliseconds(200), ElectionPause = TimeSpan.FromMilliseconds(200), CoordinatorPatience = TimeSpan.FromSeconds(1), ReadLeasesEvery = TimeSpan.FromSeconds(1), AbdicateAtFirst = TimeSpan.FromSeconds(advertised == Address ? 10 : 2) },
            });
        }
    }
}
