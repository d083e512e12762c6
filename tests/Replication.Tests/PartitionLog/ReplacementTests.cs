using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>A node that lives, and leads a partition in the table with which it can do nothing more.</summary>
public sealed class ReplacementTests : IDisposable
{
    private static readonly NodeId Other = new(0xbeef);

    private readonly Asked _asked = new();
    private readonly LogFixture _node;

    public ReplacementTests()
    {
        _node = new LogFixture(13) { Transport = new Nowhere(), Reports = _asked, Tick = TimeSpan.FromMilliseconds(5) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task AsksForAnotherPrimary_WhereTheLogCannotBeOpened_OrItsOwnerHasFailed_OrIsDamaged()
    {
        _node.Start();
        await WithSuccessorAsync(1);
        await WithSuccessorAsync(2);
        await WithSuccessorAsync(3);
        await WithSuccessorAsync(4);
        var alone = _node.Log(5);
        await _node.OpenAsync(5);
        Assert.Empty(_asked.All);

        // Neither one that stops in order, nor one that nobody can replace.
        _node.Log(1).OwnerEnded(hasFailed: false);
        alone.OwnerEnded(hasFailed: true);
        _node.Log(2).OwnerEnded(hasFailed: true);
        _node.Log(3).Tell(new EntryRefused("another program has to open it"));
        _node.Log(3).Advance();
        _node.OwnerOf(4).Damage = "a record cannot be applied";
        await UntilAsync(() => _asked.All.Select(static x => x.Partition.Value).Distinct().Count() == 3);
        Assert.Equal([2, 3, 4], _asked.All.Select(static x => x.Partition.Value).Distinct().Order());
        Assert.All(_asked.All, asked => Assert.Equal(_node.Log(asked.Partition.Value).KnownEntry!.Term, asked.Term));
    }

    [Fact]
    public async Task AsksAgain_UntilAnotherNodeLeads()
    {
        _node.Timings = new ProtocolTimings { Stuck = 10 };
        _node.Start();
        await WithSuccessorAsync(1);
        await WithSuccessorAsync(2);
        _node.Log(1).OwnerEnded(hasFailed: true);
        _node.Log(2).Tell(new EntryRefused("another program has to open it"));
        _node.Log(2).Advance();
        await UntilAsync(() => _asked.All.GroupBy(static x => x.Partition).Count(static x => x.Count() > 2) == 2);
        foreach (var partition in new[] { 1, 2 })
        {
            var entry = _node.Log(partition).KnownEntry!;
            _node.Logs.EntrySeen(new PartitionId(partition), entry with { Term = entry.Term + 1, Version = entry.Version + 1, Primary = ReplicaProtocol.NameOf(Other) });
        }

        _node.Log(2).Advance();
        Assert.True(_node.Log(1).IsLedElsewhere);
        Assert.True(_node.Log(2).IsLedElsewhere);
    }

    /// <summary>Another replica of a partition that this node leads is in sync, as the table says.</summary>
    private async Task WithSuccessorAsync(int partition)
    {
        await _node.OpenAsync(partition);
        var table = new PartitionTable(_node.Store());
        var (entry, document) = (await table.GetAsync(new PartitionId(partition), Token))!.Value;
        var name = ReplicaProtocol.NameOf(Other);
        var both = entry with { Version = entry.Version + 1, ReplicationFactor = 2, InSync = [.. entry.InSync, new ReplicaRef(name, name)] };
        Assert.NotNull(await table.TryPutAsync(new PartitionId(partition), both, document, Token));
        _node.Logs.EntrySeen(new PartitionId(partition), both);
        _node.Log(partition).Advance();
        Assert.True(_node.Log(partition).HasSuccessor);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); !condition(); await Task.Delay(5, Token))
        {
            Assert.True(DateTime.UtcNow < deadline, "nobody was asked");
        }
    }

    private sealed class Asked : ICoordinatorReports
    {
        public ConcurrentQueue<(PartitionId Partition, long Term)> All { get; } = [];

        public void PrimaryMissing(PartitionId partition, long term)
        {
        }

        public void AskReplacement(PartitionId partition, long term) => All.Enqueue((partition, term));
    }

    private sealed class Nowhere : IReplicaTransport
    {
        public void Send(NodeId to, PartitionId partition, ReplicaMessage message)
        {
        }

        public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => false;
    }
}
