using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Nodes;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>Redundancy and agreement judged on states made by hand: partition 7 on nodes a, b, c of three zones.</summary>
public sealed class ClusterStateTests
{
    private static readonly string[] All = ["a", "b", "c"];

    [Fact]
    public void SaysNothing_WhenAllIsWell()
    {
        var state = State(All, All, static n => Replica(n == "a" ? "primary" : "backup"));
        Assert.Null(state.MissingRedundancy());
        Assert.Null(state.Disagreement());
    }

    [Fact]
    public void SaysThatNothingIsKnown_WhenNoNodeShowsAPartition()
    {
        var state = new ClusterState(new Dictionary<string, NodeView> { ["a"] = new("node-a", "zone-a", new Dictionary<int, PartitionState>()) });
        Assert.Equal("no node knows a partition", state.MissingRedundancy());
        Assert.Equal("no node knows a partition", state.Disagreement());
    }

    [Fact]
    public void NamesWhatIsMissing()
    {
        Assert.Equal("partition 7 has 2 of 3 replicas in sync", State(All, ["a", "b"], static _ => Replica("primary")).MissingRedundancy());
        Assert.Equal("partition 7: its primary a is not in sync", State(All, ["b", "c", "d"], static _ => Replica("backup")).MissingRedundancy());
        Assert.Equal("partition 7 counts on node c, which does not run", State(["a", "b"], All, static n => Replica(n == "a" ? "primary" : "backup")).MissingRedundancy());
        Assert.Equal("partition 7: node node-b does not take part in it as backup", State(All, All, static n => Replica(n == "a" ? "primary" : n == "b" ? "learner" : "backup")).MissingRedundancy());
        Assert.Equal("partition 7: node node-a does not take part in it as primary", State(All, All, static _ => Replica("backup")).MissingRedundancy());
        Assert.Equal("partition 7: node node-c does not take part in it as backup", State(All, All, static n => n == "c" ? null : Replica(n == "a" ? "primary" : "backup")).MissingRedundancy());
        Assert.Equal(
            "partition 7 has replicas in too few zones: zone-a, zone-b, zone-a", State(["a", "b", "c", "d"], ["a", "b", "d"], static n => Replica(n == "a" ? "primary" : "backup")).MissingRedundancy());
    }

    [Fact]
    public void NamesWhereReplicasDiffer()
    {
        Assert.Contains("partition 7: node-a has applied term 1 seq 5", State(All, All, static n => Replica("backup") with { Seq = n == "c" ? 6 : 5 }).Disagreement(), StringComparison.Ordinal);
        Assert.NotNull(State(All, All, static n => Replica("backup") with { Crc = n }).Disagreement());
        Assert.NotNull(State(All, All, static n => Replica("backup") with { Digest = n }).Disagreement());
        Assert.Equal("partition 7: node-b shows no digest", State(All, All, static n => Replica("backup") with { Digest = n == "b" ? string.Empty : "0" }).Disagreement());
        Assert.Equal("partition 7: node-b shows no replica", State(All, All, static n => n == "b" ? null : Replica("backup")).Disagreement());
    }

    [Fact]
    public void TakesTheNewestEntry_WhenNodesShowDifferentOnes()
    {
        var old = State(["a"], ["a", "b"], static _ => Replica("primary"));
        var views = new Dictionary<string, NodeView>(State(All, All, static n => Replica(n == "a" ? "primary" : "backup"), version: 2).Nodes) { ["a"] = old.Nodes["a"] };
        Assert.Null(new ClusterState(views).MissingRedundancy());
    }

    [Fact]
    public void WritesSectionsOnce_WhateverTheOrderOfKeys() => Assert.Equal(
        "a:\n  b: 'x: ''y'''\n  c:\n    d: '1'\n    e: '2'\nf: '3'\n",
        ConfigurationText.Write([new("f", "3"), new("a.c.e", "2"), new("a.b", "x: 'y'"), new("a.c.d", "1")]));

    private static ReplicaState Replica(string role) => new(role, 1, 5, "00", "0");

    // Node d is in the zone of a.
    private static ClusterState State(IReadOnlyList<string> nodes, IReadOnlyList<string> inSync, Func<string, ReplicaState?> replica, long version = 1) => new(nodes.ToDictionary(
        static n => n,
        n => new NodeView(
            $"node-{n}",
            n == "d" ? "zone-a" : $"zone-{n}",
            new Dictionary<int, PartitionState> { [7] = new(7, 1, version, 3, 2, "a", inSync, [], inSync.Contains(n) ? replica(n) : null) })));
}
