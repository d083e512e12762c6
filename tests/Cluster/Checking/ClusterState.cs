using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Checking;

/// <summary>The partitions as all running nodes show them, by node id.</summary>
internal sealed record ClusterState(IReadOnlyDictionary<string, NodeView> Nodes)
{
    /// <summary>Asks all running nodes, for digests of their heads only where these are wanted, which costs them work; fails where one does not answer.</summary>
    public static async Task<ClusterState> ReadAsync(ICluster cluster, ClusterClient client, bool withDigests, CancellationToken cancellationToken)
    {
        var nodes = cluster.Nodes.Where(static n => n.IsRunning).ToList();
        var answers = await Task.WhenAll(nodes.Select(n => client.DataAsync(n, $"/api/v1/cluster/partitions?digest={(withDigests ? "true" : "false")}", cancellationToken)));
        return new ClusterState(nodes.Zip(answers).ToDictionary(
            static p => p.First.Id, static p => new NodeView(p.First.Name, p.First.Zone, PartitionState.ParseAll(p.Second).ToDictionary(static s => s.Partition))));
    }

    /// <summary>The newest entry of every partition that any node knows.</summary>
    public IReadOnlyList<PartitionState> Entries =>
        [.. Nodes.Values.SelectMany(static n => n.Partitions.Values).GroupBy(static s => s.Partition).Select(static g => g.MaxBy(static s => s.Version)!)];

    /// <summary>Seq of the last record of a partition that any running node has applied.</summary>
    public long Reached(int partition) => Nodes.Values.Max(n => n.Partitions.GetValueOrDefault(partition)?.Replica?.Seq ?? 0);

    /// <summary>Seq of the last record that the primary of a partition has applied; 0 where it does not run or does not lead yet.</summary>
    public long Led(int partition) =>
        Entries.FirstOrDefault(e => e.Partition == partition) is { } entry && Nodes.ContainsKey(entry.Primary) && TakesPart(entry, entry.Primary)
            ? Nodes[entry.Primary].Partitions[partition].Replica!.Seq
            : 0;

    /// <summary>What is missing for full redundancy, or null: as many in-sync replicas as wanted, all on running nodes that take part, in different zones.</summary>
    public string? MissingRedundancy()
    {
        var zones = Nodes.Values.Select(static n => n.Zone).Distinct().Count();
        foreach (var entry in Entries)
        {
            if (entry.InSync.Count < entry.ReplicationFactor)
            {
                return $"partition {entry.Partition} has {entry.InSync.Count} of {entry.ReplicationFactor} replicas in sync";
            }

            if (!entry.InSync.Contains(entry.Primary))
            {
                return $"partition {entry.Partition}: its primary {entry.Primary} is not in sync";
            }

            if (entry.InSync.FirstOrDefault(n => !Nodes.ContainsKey(n)) is { } gone)
            {
                return $"partition {entry.Partition} counts on node {gone}, which does not run";
            }

            if (entry.InSync.Select(n => Nodes[n].Zone).Distinct().Count() < Math.Min(zones, entry.ReplicationFactor))
            {
                return $"partition {entry.Partition} has replicas in too few zones: {string.Join(", ", entry.InSync.Select(n => Nodes[n].Zone))}";
            }

            if (entry.InSync.FirstOrDefault(n => !TakesPart(entry, n)) is { } idle)
            {
                return $"partition {entry.Partition}: node {Nodes[idle].Name} does not take part in it as {(idle == entry.Primary ? "primary" : "backup")}";
            }
        }

        return Entries.Count == 0 ? "no node knows a partition" : null;
    }

    /// <summary>Where two in-sync replicas of one partition differ, or null.</summary>
    public string? Disagreement()
    {
        foreach (var entry in Entries)
        {
            var replicas = entry.InSync.Where(Nodes.ContainsKey).Select(n => (Nodes[n].Name, State: Nodes[n].Partitions.GetValueOrDefault(entry.Partition)?.Replica)).ToList();
            if (replicas.FirstOrDefault(static r => r.State is null) is { Name: not null } without)
            {
                return $"partition {entry.Partition}: {without.Name} shows no replica";
            }

            if (replicas.FirstOrDefault(static r => r.State!.Digest.Length == 0) is { Name: not null } silent)
            {
                return $"partition {entry.Partition}: {silent.Name} shows no digest";
            }

            var points = replicas.Select(static r => (r.State!.Term, r.State.Seq, r.State.Crc, r.State.Digest)).Distinct().ToList();
            if (points.Count > 1)
            {
                return $"partition {entry.Partition}: {string.Join("; ", replicas.Select(static r => $"{r.Name} has applied term {r.State!.Term} seq {r.State.Seq} crc {r.State.Crc}, digest {r.State.Digest}"))}";
            }
        }

        return Entries.Count == 0 ? "no node knows a partition" : null;
    }

    private bool TakesPart(PartitionState entry, string node) =>
        Nodes[node].Partitions.GetValueOrDefault(entry.Partition)?.Replica?.Role == (node == entry.Primary ? "primary" : "backup");
}

/// <summary>What one node shows.</summary>
internal sealed record NodeView(string Name, string Zone, IReadOnlyDictionary<int, PartitionState> Partitions);
