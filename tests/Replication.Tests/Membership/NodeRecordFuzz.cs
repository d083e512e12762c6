using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

public sealed class NodeRecordFuzz
{
    [Fact]
    public void GivesARecordOrATypedError_ForAnyBytes()
    {
        var valid = TestNodes.Record(42, state: NodeState.Active, lease: 7).Serialize();
        var parsed = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = valid.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : valid[random.Next(valid.Length)];
            }

            try
            {
                Assert.True(NodeRecord.Parse(bytes.AsSpan(0, random.Next(5) == 0 ? random.Next(bytes.Length) : bytes.Length)).IsComplete());
                parsed++;
            }
            catch (CoordinationException)
            {
            }
        }

        Assert.InRange(parsed, 1000, 19_000);
    }
}
