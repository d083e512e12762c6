using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>What a cluster tells of itself, for a terminal.</summary>
internal static partial class ClusterTables
{
    private const string Nothing = "-";
    private const string Unknown = "?";

    /// <summary>The cluster in a few lines.</summary>
    public static async Task WriteStatusAsync(ClusterStatus status, NodeNames names, TextWriter output)
    {
        var nodes = new[]
        {
            $"{status.ActiveNodes} active", Some(status.JoiningNodes, "joining"), Some(status.LeavingNodes, "leaving"), Some(status.DeadNodes, "dead"),
        };
        var partitions = new[]
        {
            $"{status.Healthy} healthy", Some(status.UnderReplicated, "under-replicated"), Some(status.WithoutPrimary, "without primary"),
        };
        var work = new[]
        {
            Some(status.MovesUnderWay, "replicas catching up", "replica catching up"),
            Some(status.Unsettled, "partitions not yet as planned", "partition not yet as planned"),
        };
        await WriteLineAsync("coordinator", status.Coordinator is { } coordinator ? names.Short(coordinator) : "none is known");
        await WriteLineAsync("nodes", Joined(nodes));
        await WriteLineAsync("partitions", Joined(partitions));
        await WriteLineAsync("under way", Joined(work) is { Length: > 0 } text ? text : "nothing");
        await WriteLineAsync("new ones get", $"{status.ReplicationFactor} replicas, at least {status.MinInSync} in sync");
        await WriteLineAsync("leases read", status.ReadAt == DateTimeOffset.UnixEpoch ? "not yet" : $"{status.ReadAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (status.IsFrozen)
        {
            await output.WriteLineAsync("\nThe coordination store cannot be reached: nothing is moved or elected until it answers again.");
        }

        if (!status.FromCoordinator)
        {
            await output.WriteLineAsync("\nNo coordinator answers: this is what the asked node knows, and numbers of replicas and plans are not in it.");
        }

        Task WriteLineAsync(string name, string value) => output.WriteLineAsync($"{name,-14}{value}");
    }

    /// <summary>A row for each node.</summary>
    public static Task WriteNodesAsync(IEnumerable<NodeStatus> nodes, TextWriter output)
    {
        var table = new TextTable("NODE", "ZONE", "STATE", ">FOR", ">LEADS", ">HOLDS", ">LEARNS", "VERSION", "HTTP", "ADDRESS");
        foreach (var node in nodes)
        {
            var state = !node.IsAlive ? "dead" : node.Record.State switch
            {
                NodeState.Joining => "joining",
                NodeState.Active => "active",
                NodeState.Leaving => node.Replicas == 0 ? "empty" : "leaving",
                _ => throw new ArgumentOutOfRangeException(nameof(nodes), node.Record.State, null),
            };
            state += node.IsAlive && !node.IsInformed ? ", not informed" : string.Empty;
            table.Add(
                node.Record.Id, Or(node.Record.Zone), state, Duration(node.ForSeconds), Text(node.Primaries), Text(node.Replicas), Text(node.Learners),
                Or(node.Record.Version), Or(node.Record.HttpAddress), node.Record.Address);
        }

        return table.WriteAsync(output);
    }

    /// <summary>A row for each partition.</summary>
    public static Task WritePartitionsAsync(IEnumerable<PartitionStatus> partitions, NodeNames names, TextWriter output)
    {
        var table = new TextTable(">PARTITION", "HEALTH", ">TERM", "PRIMARY", "IN SYNC", "LEARNERS", "BEHIND", ">RF", "NEXT");
        foreach (var partition in partitions)
        {
            var health = partition.State switch
            {
                PartitionHealth.Healthy => "healthy",
                PartitionHealth.UnderReplicated => "under-replicated",
                PartitionHealth.WithoutPrimary => "without primary",
                _ => throw new ArgumentOutOfRangeException(nameof(partitions), partition.State, null),
            };
            table.Add(
                Text(partition.Partition), health, Text(partition.Term), names.Short(partition.Primary), Nodes(partition.InSync), Nodes(partition.Learners), Behind(partition.Lags, names),
                partition.ReplicationFactor == partition.WantedReplicationFactor ? Text(partition.ReplicationFactor) : $"{partition.ReplicationFactor}>{partition.WantedReplicationFactor}",
                partition.Step is { } step ? WholeId().Replace(step, match => names.Short(match.Value)) : Nothing);
        }

        return table.WriteAsync(output);

        string Nodes(IReadOnlyList<string> ids) => ids.Count == 0 ? Nothing : string.Join(' ', ids.Select(names.Short));
    }

    /// <summary>Replicas that lack something: how many records, and since when at worst.</summary>
    private static string Behind(IReadOnlyList<ReplicaLag>? lags, NodeNames names)
    {
        var behind = lags?.Where(static lag => lag.Records != 0).Select(lag => $"{names.Short(lag.Node)} {(lag.Records is { } records ? Text(records) : Unknown)}/{Duration(lag.Seconds)}").ToList();
        return behind is null ? Unknown : behind.Count == 0 ? Nothing : string.Join(' ', behind);
    }

    private static string Some(int count, string what, string? one = null) => count == 0 ? string.Empty : $"{count} {(count == 1 ? one ?? what : what)}";

    private static string Joined(IEnumerable<string> parts) => string.Join(", ", parts.Where(static part => part.Length > 0));

    private static string Or(string text) => text.Length == 0 ? Nothing : text;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Duration(double seconds) => TimeSpan.FromSeconds(Math.Max(0, seconds)) switch
    {
        { TotalMinutes: < 1 } time => $"{time.Seconds}s",
        { TotalHours: < 1 } time => $"{time.Minutes}m{time.Seconds:00}s",
        { TotalDays: < 1 } time => $"{time.Hours}h{time.Minutes:00}m",
        var time => $"{time.Days}d{time.Hours:00}h",
    };

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex WholeId();
}
