using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class PrimaryStateTests
{
    private static readonly ReplicaRef[] Members = [new("a", "1"), new("b", "1"), new("c", "1")];

    [Fact]
    public void CommitsWhatEveryMemberHolds_AndNeverGoesBack()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var state = new PrimaryState(new LogPoint(1, 10, 0), 10);
            var members = Members[..random.Next(1, 4)];
            state.EnterTerm(Entry(2, members));
            var held = members.ToDictionary(static member => member, static _ => 10L);
            for (var step = 0; step < 200; step++)
            {
                var before = state.CommitIndex;
                if (random.Next(3) == 0)
                {
                    Assert.Equal(state.End.Seq + 1, state.NextSeq());
                    state.Appended((uint)step);
                    Assert.Equal(2, state.End.Term);
                    continue;
                }

                var member = members[random.Next(members.Length)];
                var seq = random.NextInt64(0, state.End.Seq + 1);
                var stale = random.Next(5) == 0;
                var rose = state.Durable(member, stale ? 1 : 2, seq);
                if (!stale)
                {
                    held[member] = Math.Max(held[member], seq);
                }

                Assert.Equal(held.Values.Min(), state.CommitIndex);
                Assert.Equal(state.CommitIndex > before, rose);
            }
        }
    }

    [Fact]
    public void EntersNoTermTwice()
    {
        var state = new PrimaryState(new LogPoint(4, 10, 0), 10);
        Assert.Throws<InvalidOperationException>(() => state.NextSeq());
        Assert.Throws<InvalidOperationException>(() => state.EnterTerm(Entry(3, Members)));
        state.EnterTerm(Entry(5, Members));
        state.Appended(1);
        state.Lose(new LogPoint(4, 10, 0));
        Assert.Throws<InvalidOperationException>(() => state.NextSeq());
        Assert.Throws<InvalidOperationException>(() => state.EnterTerm(Entry(5, Members)));
        state.EnterTerm(Entry(6, Members));

        Assert.Equal((6, 11, 10), (state.Term, state.NextSeq(), state.CommitIndex));
    }

    [Fact]
    public void IgnoresStrangers_AndRefusesReportsOfWhatIsNotThere()
    {
        var state = new PrimaryState(LogPoint.Start, 0);
        state.EnterTerm(Entry(1, Members[..1]));
        state.Appended(1);

        Assert.False(state.Durable(Members[1], 1, 1));
        Assert.False(state.Durable(new ReplicaRef("a", "2"), 1, 1));
        Assert.Throws<LogCorruptException>(() => state.Durable(Members[0], 1, 2));
        Assert.True(state.Durable(Members[0], 1, 1));
    }

    private static PartitionEntry Entry(long term, ReplicaRef[] members) => new()
    {
        Term = term,
        Version = term,
        ReplicationFactor = 3,
        MinInSync = 1,
        Primary = members[0].Node,
        InSync = members,
        Learners = [],
        WriterId = "w",
        Counter = 1,
    };
}
