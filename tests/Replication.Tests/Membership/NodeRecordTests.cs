using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

public sealed class NodeRecordTests
{
    private const string Text =
        """{"id":"0000000000000000000000000000002a","address":"a:1","httpAddress":"a:2","zone":"z","roles":["ingester"],"state":"leaving","protocol":7,"version":"9.9","lease":3,"later":{"x":1}}""";

    [Fact]
    public void ReadsWhatALaterVersionWrote_AndPassesOverWhatItDoesNotKnow()
    {
        var record = NodeRecord.Parse(Encoding.UTF8.GetBytes(Text));

        Assert.Equal(("0000000000000000000000000000002a", "a:1", "a:2", "z", NodeState.Leaving, 7, "9.9", 3L), (record.Id, record.Address, record.HttpAddress, record.Zone, record.State, record.Protocol, record.Version, record.Lease));
        Assert.True(record.IsIngester);
        Assert.Equal(record.Serialize(), NodeRecord.Parse(record.Serialize()).Serialize());
    }

    [Fact]
    public void TellsOn_WhatALaterVersionSays()
    {
        var told = NodeRecord.Parse((NodeRecord.Parse(Encoding.UTF8.GetBytes(Text)) with { State = NodeState.Joining }).Serialize());

        Assert.Contains("\"later\":{\"x\":1}", Encoding.UTF8.GetString(told.Serialize()), StringComparison.Ordinal);
        Assert.Equal(1, told.OldestProtocol);
    }

    [Fact]
    public void AnotherStateKeepsFieldsThatAreNotKnown()
    {
        var changed = NodeRecord.WithState(Encoding.UTF8.GetBytes(Text), NodeState.Joining);

        Assert.Equal(Text.Replace("leaving", "joining", StringComparison.Ordinal), Encoding.UTF8.GetString(changed));
    }

    [Theory]
    [InlineData("\"a:1\"", "null")]
    [InlineData("\"a:1\"", "\"\"")]
    [InlineData("2a\"", "\"")]
    [InlineData("[\"ingester\"]", "[null]")]
    [InlineData("[\"ingester\"]", "null")]
    [InlineData("\"leaving\"", "\"gone\"")]
    [InlineData("\"leaving\"", "2")]
    [InlineData("\"z\"", "null")]
    public void RefusesARecord_ThatIsNone(string what, string instead)
    {
        var bytes = Encoding.UTF8.GetBytes(Text.Replace(what, instead, StringComparison.Ordinal));

        Assert.Throws<CoordinationException>(() => NodeRecord.Parse(bytes));
        Assert.Throws<CoordinationException>(() => NodeRecord.WithState(bytes, NodeState.Active));
    }
}
