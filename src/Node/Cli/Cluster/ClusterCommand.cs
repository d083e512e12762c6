using System.CommandLine;
using Deucalion.Node.Cli.Access;
using Deucalion.Replication.Coordinator;

namespace Deucalion.Node.Cli.Cluster;

/// <summary><c>cluster status|nodes|partitions|drain|undrain|move|set|force-elect</c>: looks at a cluster and changes it, through any of its nodes.</summary>
internal static class ClusterCommand
{
    private static readonly NodeTarget Target = new("api/v1/cluster/", "Any node of the cluster.", NodeAccess.Patience);

    /// <summary>The verb with its subcommands.</summary>
    public static Command Create()
    {
        var command = new Command("cluster", "Shows a cluster and changes it, through any of its nodes.")
        {
            Status(), Nodes(), Partitions(), Drain(), Undrain(), Move(), Set(), ForceElect(),
        };
        Target.AddTo(command);
        return command;
    }

    private static void SetAction(Command command, Func<ClusterCall, Task> action) => Target.SetAction(command, action);

    /// <summary>An argument that names a node.</summary>
    internal static Argument<string> Node()
    {
        var node = new Argument<string>("node") { Description = "Id of a node, or its first digits (at least 4) where no other begins with them." };
        node.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0)
            {
                CheckNode(result.Tokens[0].Value, result.AddError);
            }
        });
        return node;
    }

    private static Option<string> Node(string name, string description)
    {
        var node = new Option<string>(name) { Description = description + " Its id, or the first digits of it.", HelpName = "node", Required = true };
        node.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0)
            {
                CheckNode(result.Tokens[0].Value, result.AddError);
            }
        });
        return node;
    }

    private static void CheckNode(string text, Action<string> fail)
    {
        if (!NodeNames.IsName(text))
        {
            fail($"'{text}' names no node: 4 to 32 hexadecimal digits, as 'deucalion cluster nodes' shows them");
        }
    }

    private static Argument<int> Partition() => new("partition") { Description = "Number of a partition." };

    private static Command Status()
    {
        var command = new Command("status", "How the cluster is, in a few lines.");
        SetAction(command, call => call.ShowAsync<ClusterStatus>("status", async (status, output) =>
            await ClusterTables.WriteStatusAsync(status, await call.NamesAsync(), output)));
        return command;
    }

    private static Command Nodes()
    {
        var command = new Command("nodes", "The nodes: where they are, how they are, and what they have.");
        SetAction(command, static call => call.ShowAsync<IReadOnlyList<NodeStatus>>("nodes", ClusterTables.WriteNodesAsync));
        return command;
    }

    private static Command Partitions()
    {
        var command = new Command("partitions", "The partitions: how they are, who has them, and what is to happen next.");
        SetAction(command, call => call.ShowAsync<IReadOnlyList<PartitionStatus>>("partitions", async (partitions, output) =>
            await ClusterTables.WritePartitionsAsync(partitions, await call.NamesAsync(), output)));
        return command;
    }

    private static Command Drain()
    {
        var node = Node();
        var wait = new Option<bool>("--wait") { Description = "Return when nothing is left on it, and tell how far it is until then." };
        var command = new Command("drain", "Takes a node out: all that it has goes to other nodes, and it gets nothing more.") { node, wait };
        SetAction(command, async call =>
        {
            var id = await call.ResolveAsync(call.Arguments.GetRequiredValue(node));
            await call.CommandAsync("drain", [("node", id)], $"node {id} is drained");
            if (call.Arguments.GetValue(wait))
            {
                await call.UntilEmptyAsync(id);
            }
        });
        return command;
    }

    private static Command Undrain()
    {
        var node = Node();
        var command = new Command("undrain", "A node that was to leave stays.") { node };
        SetAction(command, async call =>
        {
            var id = await call.ResolveAsync(call.Arguments.GetRequiredValue(node));
            await call.CommandAsync("undrain", [("node", id)], $"node {id} stays");
        });
        return command;
    }

    private static Command Move()
    {
        var partition = Partition();
        var from = Node("--from", "The node that is to give its replica up.");
        var to = Node("--to", "The node that is to have it.");
        var command = new Command("move", "Moves a replica of a partition. Returns when that is planned; 'cluster partitions' shows how far it is.") { partition, from, to };
        SetAction(command, async call =>
        {
            var number = Text(call.Arguments.GetValue(partition));
            var source = await call.ResolveAsync(call.Arguments.GetRequiredValue(from));
            var target = await call.ResolveAsync(call.Arguments.GetRequiredValue(to));
            await call.CommandAsync("move", [("partition", number), ("from", source), ("to", target)], $"partition {number} moves from node {source} to node {target}");
        });
        return command;
    }

    private static Command Set()
    {
        var factor = new Option<int>("--rf") { Description = "How many replicas, 1 to 9.", HelpName = "number", Required = true };
        var minInSync = new Option<int?>("--min-in-sync") { Description = "How many of them have to be in sync for a write [default: a majority].", HelpName = "number" };
        var partition = new Option<int?>("--partition") { Description = "For one partition [default: for all, and those made later].", HelpName = "number" };
        var command = new Command("set", "Sets how many replicas partitions are to have.") { factor, minInSync, partition };
        SetAction(command, call =>
        {
            var fields = new List<(string, string)> { ("rf", Text(call.Arguments.GetValue(factor))) };
            if (call.Arguments.GetValue(minInSync) is { } least)
            {
                fields.Add(("min_in_sync", Text(least)));
            }

            if (call.Arguments.GetValue(partition) is { } one)
            {
                fields.Add(("partition", Text(one)));
            }

            var whose = call.Arguments.GetValue(partition) is { } only ? $"partition {only} gets" : "all partitions get";
            return call.CommandAsync("set", fields, $"{whose} {call.Arguments.GetValue(factor)} replicas", hint: "; 'deucalion cluster status' shows when they are there");
        });
        return command;
    }

    private static Command ForceElect()
    {
        var partition = Partition();
        var node = Node("--node", "The node whose replica is to lead.");
        var accept = new Option<bool>("--accept-loss") { Description = "Although the replica is not in sync, or a node with one that is lives: acknowledged samples that only others have are lost for good." };
        var command = new Command("force-elect", "Makes a replica lead with what it has. The last resort, when those that have everything do not come back.") { partition, node, accept };
        SetAction(command, async call =>
        {
            var number = Text(call.Arguments.GetValue(partition));
            var id = await call.ResolveAsync(call.Arguments.GetRequiredValue(node));
            var fields = new List<(string, string)> { ("partition", number), ("node", id) };
            if (call.Arguments.GetValue(accept))
            {
                fields.Add(("accept_loss", "true"));
            }

            await call.CommandAsync("force-elect", fields, $"partition {number} is led by node {id}");
        });
        return command;
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
