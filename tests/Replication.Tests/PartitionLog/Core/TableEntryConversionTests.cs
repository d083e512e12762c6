using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

public sealed class TableEntryConversionTests
{
    private const string Node = "00112233445566778899aabbccddeeff";
    private const string Incarnation = "ffeeddccbbaa99887766554433221100";

    [Fact]
    public void DocumentComesBackAsItWas()
    {
        var document = new PartitionEntry
        {
            Term = 7,
            Version = 9,
            ReplicationFactor = 3,
            MinInSync = 2,
            Primary = Node,
            InSync = [new ReplicaRef(Node, Incarnation)],
            Learners = [new ReplicaRef(Incarnation, Node)],
            WriterId = "0123456789abcdef",
            Counter = 4,
        };

        var back = document.ToEntry().ToDocument();

        Assert.Equal(document.Serialize(), back.Serialize());
    }

    [Fact]
    public void IsRefused_WhenANameIsNone()
    {
        var document = new TableEntry { Term = 1, Version = 1, ReplicationFactor = 1, MinInSync = 1, Primary = new NodeId(1), InSync = [], Learners = [] }.ToDocument();

        Assert.Throws<CoordinationException>(() => (document with { Primary = "somebody" }).ToEntry());
    }
}
