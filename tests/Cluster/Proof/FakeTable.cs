using System.Globalization;

namespace Deucalion.Cluster.Proof;

/// <summary>An entry of the fake table.</summary>
internal sealed record FakeEntry(FakeNode Primary, IReadOnlyList<FakeNode> InSync);

/// <summary>The fake partition table, and how <c>/api/v1/cluster/partitions</c> shows it.</summary>
internal sealed record FakeTable(IReadOnlyDictionary<int, FakeEntry> Entries, long Version)
{
    private const int ReplicationFactor = 3;
    private const int MinInSync = 2;

    /// <summary>The table over other members: each partition on nodes of different zones, led by the newest member, the one before it, and so on.</summary>
    public FakeTable Next(IReadOnlyList<FakeNode> members, int partitions, bool shortOfOne)
    {
        var entries = new Dictionary<int, FakeEntry>();
        for (var partition = 0; partition < partitions && members.Count > 0; partition++)
        {
            var rotated = Enumerable.Range(0, members.Count).Select(i => members[(i + members.Count - 1 - (partition % members.Count)) % members.Count]).ToList();
            var replicas = rotated.DistinctBy(static n => n.Zone).Take(shortOfOne && partition == 0 ? ReplicationFactor - 1 : ReplicationFactor).ToList();
            entries[partition] = new FakeEntry(replicas[0], replicas);
        }

        return new FakeTable(entries, Version + 1);
    }

    public string Json(FakeNode node, FakeSamples samples, bool otherLog, bool otherHead)
    {
        var partitions = Entries.Select(e =>
        {
            var inSync = string.Join(',', e.Value.InSync.Select(static n => $"\"{n.Id}\""));
            var seq = samples.CountOf(e.Key) + (otherLog ? 1 : 0);
            var replica = e.Value.InSync.Contains(node)
                ? $"{{\"role\":\"{(e.Value.Primary == node ? "primary" : "backup")}\",\"term\":{Version},\"seq\":{seq},\"crc\":\"00000000\",\"digest\":\"{(otherHead ? "1" : "0")}\"}}"
                : "null";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"partition\":{e.Key},\"term\":{Version},\"version\":{Version},\"wantedReplicationFactor\":{ReplicationFactor},\"wantedMinInSync\":{MinInSync},\"primary\":\"{e.Value.Primary.Id}\",\"inSync\":[{inSync}],\"learners\":[],\"replica\":{replica}}}");
        });
        return $"{{\"status\":\"success\",\"data\":[{string.Join(',', partitions)}]}}";
    }
}
