using System.Text;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Tests.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

public sealed class ClusterJsonFuzz
{
    [Fact]
    public void GivesAMessageOrATypedError_ForAnyBytes()
    {
        Fuzz(new SyncQuestion { Record = TestNodes.Record(1), Token = 3, Seq = 9, Entries = [new EntrySight(7, TestNodes.Entry(5, 3, 1, 2, 3))], Serves = true });
        Fuzz(WithLags(new PartitionLags(7, 5, [new ReplicaLag(TestNodes.Name(2), 12, 0.5), new ReplicaLag(TestNodes.Name(3), null, 70)])));
        Fuzz(new ViewUpdate
        {
            Coordinator = TestNodes.Name(1),
            Token = 2,
            Since = 3,
            Seq = 4,
            Nodes = [new NodeSight(TestNodes.Record(2), true)],
            Entries = [new EntrySight(7, TestNodes.Entry(5, 3, 1, 2, 3))],
            ReadBefore = -5,
        });
        Fuzz(new PushAnswer(1, 2, 3));
        Fuzz(new Reports([new Report(1, 2, false), new Report(4, 5, true)]));
        Fuzz(new CommandCall { Kind = CommandKind.Move, Node = TestNodes.Name(1), To = TestNodes.Name(2), Partition = 5, ReplicationFactor = 3, MinInSync = 2 });
        Fuzz(new CommandAnswer("done", 4));
        Fuzz(new ForceElectCall(4, true));
        Fuzz(ClusterSnapshots.Of(SomeView()));
        var snapshot = ClusterSnapshots.Of(SomeView());
        Fuzz(snapshot with { Partitions = [.. snapshot.Partitions.Select(static partition => partition with { Lags = [new ReplicaLag(TestNodes.Name(2), 12, 0.5)] })] });
    }

    [Fact]
    public void SaysNothingOfLags_WhereNothingIsKnown_AndReadsWhatSaysNothing()
    {
        var question = new SyncQuestion { Record = TestNodes.Record(1), Token = 3, Seq = 9, Entries = [], Serves = true };
        Assert.DoesNotContain("lags", Encoding.UTF8.GetString(ClusterJson.Write(question).Span), StringComparison.Ordinal);
        Assert.Null(ClusterJson.Read<SyncQuestion>(ClusterJson.Write(question)).Lags);
        var snapshot = ClusterJson.Write(ClusterSnapshots.Of(SomeView()));
        Assert.DoesNotContain("lags", Encoding.UTF8.GetString(snapshot.Span), StringComparison.Ordinal);
        Assert.Null(Assert.Single(ClusterJson.Read<ClusterSnapshot>(snapshot).Partitions).Lags);
    }

    [Theory]
    [InlineData(-1, "01", 5L, 1.0)]
    [InlineData(1, "01", -5L, 1.0)]
    [InlineData(1, "01", 5L, -1.0)]
    [InlineData(1, "xx", 5L, 1.0)]
    [InlineData(1, null, 5L, 1.0)]
    public void RefusesLags_ThatAreNone(int partition, string? node, long records, double seconds)
    {
        var lag = new ReplicaLag(node is null ? null! : string.Concat(Enumerable.Repeat(node, 16)), records, seconds);
        Assert.Equal(
            WireStatus.InvalidArgument,
            Assert.Throws<WireException>(() => ClusterJson.Read<SyncQuestion>(ClusterJson.Write(WithLags(new PartitionLags(partition, 1, [lag]))))).Status);
    }

    private static SyncQuestion WithLags(PartitionLags lags) =>
        new() { Record = TestNodes.Record(1), Token = 3, Seq = 9, Entries = [], Serves = true, Lags = [lags] };

    [Theory]
    [InlineData("""{"partition":1,"entry":{"term":1,"version":1,"rf":1,"minInSync":1,"primary":"x","inSync":[],"learners":[],"writerId":"","counter":0}}""")]
    [InlineData("""{"partition":1,"entry":{"term":1,"version":1,"rf":1,"minInSync":1,"primary":"01","inSync":[null],"learners":[],"writerId":"","counter":0}}""")]
    [InlineData("""{"partition":1,"entry":{"term":1,"version":1,"rf":1,"minInSync":1,"primary":"01","inSync":[{"node":"01","incarnation":null}],"learners":[],"writerId":"","counter":0}}""")]
    [InlineData("""{"partition":-1,"entry":{"term":1,"version":1,"rf":1,"minInSync":1,"primary":"01","inSync":[],"learners":[],"writerId":"","counter":0}}""")]
    [InlineData("""{"partition":1,"entry":null}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    public void RefusesAnEntry_ThatIsNone(string text) =>
        Assert.Equal(WireStatus.InvalidArgument, Assert.Throws<WireException>(() => ClusterJson.Read<EntrySight>(Encoding.UTF8.GetBytes(text))).Status);

    [Fact]
    public void PassesOverFieldsThatItDoesNotKnow()
    {
        var text = Encoding.UTF8.GetString(ClusterJson.Write(new PushAnswer(1, 2, 3)).Span).Replace("{", """{"later":[{"x":null}],""", StringComparison.Ordinal);

        Assert.Equal(new PushAnswer(1, 2, 3), ClusterJson.Read<PushAnswer>(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void TakesMessagesOfALaterVersion_AndTellsRecordsOnAsTheyCame()
    {
        var reports = Read(new Reports([new Report(1, 2, false), new Report(4, 5, true)]));
        Assert.Equal([new Report(1, 2, false), new Report(4, 5, true)], reports.Items);
        var question = Read(new SyncQuestion { Record = TestNodes.Record(1), Token = 3, Seq = 9, Entries = [new EntrySight(7, TestNodes.Entry(5, 3, 1, 2))], Serves = true });
        Assert.Equal((3, 9, 5), (question.Token, question.Seq, question.Entries[0].Entry.Version));

        // A coordinator that does not know what the node says of itself tells it to others.
        var update = new ViewUpdate { Coordinator = TestNodes.Name(2), Token = 1, Since = 0, Seq = 1, Nodes = [new NodeSight(question.Record with { State = NodeState.Active }, true)], Entries = [] };
        var told = ClusterJson.Read<ViewUpdate>(ClusterJson.Write(update)).Nodes![0].Record;
        Assert.Contains("\"later\":[{\"x\":null}]", Encoding.UTF8.GetString(told.Serialize()), StringComparison.Ordinal);

        static T Read<T>(T message)
            where T : class =>
            ClusterJson.Read<T>(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ClusterJson.Write(message).Span).Replace("{", """{"later":[{"x":null}],""", StringComparison.Ordinal)));
    }

    private static ClusterView SomeView()
    {
        var views = new ClusterViews(TestNodes.Reader(new MemoryStore().Open(), TimeProvider.System), TestNodes.Metrics(), TimeProvider.System);
        views.Learned(new(3), TestNodes.Entry(5, 3, 1, 2, 3));
        views.Apply(new ViewUpdate { Coordinator = TestNodes.Name(1), Token = 1, Since = 0, Seq = 1, Nodes = [new NodeSight(TestNodes.Record(1), true)], Entries = [] }, null);
        return views.Current;
    }

    private static void Fuzz<T>(T message)
        where T : class
    {
        var valid = ClusterJson.Write(message).ToArray();
        Assert.Equal(valid, ClusterJson.Write(ClusterJson.Read<T>(valid)).ToArray());
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var bytes = valid.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : valid[random.Next(valid.Length)];
            }

            try
            {
                // Whatever is let through can be written again.
                ClusterJson.Write(ClusterJson.Read<T>(bytes.AsMemory(0, random.Next(5) == 0 ? random.Next(bytes.Length) : bytes.Length)));
            }
            catch (WireException exception)
            {
                Assert.Equal(WireStatus.InvalidArgument, exception.Status);
            }
        }
    }
}
