using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.PastData;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>Every command of <c>deucalion cluster</c>, given to real nodes: what it answers, what it changes, and that nothing is lost on the way.</summary>
public sealed partial class CommandTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);
    private static readonly Dictionary<string, string> ReplacedSoon = new() { ["placement.replace_after"] = "5s" };

    // So many replicas that four nodes cannot have the same number: balance has no reason to answer a move from the fullest to the emptiest.
    private static readonly Scenario Light = new("commands", "light load, and an operator", static _ => Task.CompletedTask)
    {
        Nodes = 4,
        WithPrometheus = false,
        Load = new LoadOptions { Senders = 5, SeriesPerSender = 5 },
    };

    [Fact]
    [Trait("Category", "slow")]
    public Task EveryCommandDoesWhatItSays_UnderLoad() => UseAsync("commands", new Dictionary<string, string>(), async (cluster, parts) =>
    {
        var shell = new ClusterCommandLine(cluster.Nodes[0].Url);
        await SettlesAsync(shell, cluster.Nodes.Count);
        var table = await shell.DoneAsync("nodes");
        foreach (var node in cluster.Nodes)
        {
            Assert.Matches($@"{node.Zone} +active\b.*{node.Url.Authority}", RowOf(table, node));
        }

        var rows = await PartitionsAsync(shell);
        Assert.All(rows, static row => Assert.Equal(("healthy", 3, "3"), (row.Health, row.InSync.Count, row.Replicas)));

        // More replicas and fewer.
        var changed = Text(rows[0].Partition);
        foreach (var factor in (string[])["2", "3"])
        {
            Assert.Contains($"partition {changed} gets ", await shell.DoneAsync("set", "--rf", factor, "--partition", changed), StringComparison.Ordinal);
            await BecomesAsync(
                shell, rows[0].Partition, row => row is { Health: "healthy", Learners.Count: 0 } && row.Replicas == factor && Text(row.InSync.Count) == factor, $"it has {factor} replicas");
            await NothingIsMissingAsync(cluster.Nodes, parts);
        }

        Assert.Contains("1 to 9", await shell.RefusedAsync("set", "--rf", "10", "--partition", changed), StringComparison.Ordinal);

        // From the fullest node to the one that has no replica.
        await SettlesAsync(shell, cluster.Nodes.Count);
        rows = await PartitionsAsync(shell);
        var held = cluster.Nodes.ToDictionary(static node => node, node => rows.Count(row => row.IsOn(node)));
        var (moved, full, empty) = (
            from row in rows
            from giver in cluster.Nodes.Where(row.IsOn)
            from taker in cluster.Nodes.Where(node => !row.IsOn(node))
            orderby held[giver] - held[taker] descending
            select (row, giver, taker)).First();
        var number = Text(moved.Partition);
        Assert.Contains("has no replica on node", await shell.RefusedAsync("move", number, "--from", empty.Id, "--to", full.Id), StringComparison.Ordinal);
        Assert.Contains($"partition {number} moves from node {full.Id} to node {empty.Id}", await shell.DoneAsync("move", number, "--from", full.Id[..16], "--to", empty.Id), StringComparison.Ordinal);
        await BecomesAsync(shell, moved.Partition, row => row.Health == "healthy" && row.IsInSyncOn(empty) && !row.IsOn(full), $"its replica is on {empty.Name} instead of {full.Name}");
        await NothingIsMissingAsync(cluster.Nodes, parts);

        // Out, and in again.
        await SettlesAsync(shell, cluster.Nodes.Count);
        var drained = cluster.Nodes[^1];
        Assert.Contains($"nothing is left on node {drained.Id}", await shell.DoneAsync("drain", drained.Id, "--wait"), StringComparison.Ordinal);
        rows = await PartitionsAsync(shell);
        Assert.All(rows, row => Assert.False(row.IsOn(drained)));
        Assert.Matches(@"\bempty\b", RowOf(await shell.DoneAsync("nodes"), drained));
        var other = cluster.Nodes.First(rows[0].IsOn);
        Assert.Contains(
            $"node {drained.Id} takes no replicas now", await shell.RefusedAsync("move", Text(rows[0].Partition), "--from", other.Id, "--to", drained.Id), StringComparison.Ordinal);
        await NothingIsMissingAsync(cluster.Nodes, parts);
        Assert.Contains($"node {drained.Id} stays", await shell.DoneAsync("undrain", drained.Id), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (rows = await PartitionsAsync(shell)).Any(row => row.IsInSyncOn(drained)), Soon, () => $"{drained.Name} has something again: {string.Join('\n', rows)}");
        await SettlesAsync(shell, cluster.Nodes.Count);
        Assert.Matches(@"\bactive\b", RowOf(await shell.DoneAsync("nodes"), drained));
        Assert.Contains("is not drained", await shell.RefusedAsync("undrain", drained.Id), StringComparison.Ordinal);

        await SingleNode.GoesOnAsync(parts);
        await parts.StopLoadAsync();
        await MemberFixture.AgreeAsync(cluster);
        await NothingIsMissingAsync(cluster.Nodes, parts);
    });

    [Fact]
    [Trait("Category", "slow")]
    public Task TheLastReplicaLeadsByForce_AndLosesNothingThatItHad() => UseAsync("force-elect", ReplacedSoon, async (cluster, parts) =>
    {
        await SettlesAsync(new ClusterCommandLine(cluster.Nodes[0].Url), cluster.Nodes.Count);
        await parts.StopLoadAsync();
        await MemberFixture.AgreeAsync(cluster);
        var table = await PartitionsAsync(new ClusterCommandLine(cluster.Nodes[0].Url));
        var before = table[0];
        var unused = Enumerable.Range(0, table.Count + 1).Except(table.Select(static row => row.Partition)).First();
        var survivor = cluster.Nodes.First(node => before.IsOn(node) && !before.IsLedBy(node));
        var dying = cluster.Nodes.Where(node => before.IsOn(node) && node != survivor).ToList();
        var stranger = cluster.Nodes.Single(node => !before.IsOn(node));
        var shell = new ClusterCommandLine(stranger.Url);
        var number = Text(before.Partition);

        // It has everything that was acknowledged, and the table does not count on that: it may have missed something since it is out of reach.
        dying.ForEach(node => cluster.Network.Cut(survivor.Name, node.Name));
        await BecomesAsync(shell, before.Partition, row => row.IsOn(survivor) && !row.IsInSyncOn(survivor), $"{survivor.Name} is not in sync");
        Assert.Contains("is alive and has an in-sync replica", await shell.RefusedAsync("force-elect", number, "--node", survivor.Id), StringComparison.Ordinal);
        Assert.Contains("there is no partition", await shell.RefusedAsync("force-elect", Text(unused), "--node", survivor.Id, "--accept-loss"), StringComparison.Ordinal);
        await Task.WhenAll(dying.Select(static node => node.KillAsync()));
        cluster.Network.Heal();
        await BecomesAsync(shell, before.Partition, static row => row.Health == "without primary", "it has no primary");
        foreach (var lost in (await PartitionsAsync(shell)).Where(row => row.InSync.Count == dying.Count && dying.TrueForAll(row.IsInSyncOn)))
        {
            Assert.Contains(
                $"partition {lost.Partition} is led by node {survivor.Id}",
                await shell.DoneAsync("force-elect", Text(lost.Partition), "--node", survivor.Id, "--accept-loss"),
                StringComparison.Ordinal);
        }

        await BecomesAsync(shell, before.Partition, row => row.IsLedBy(survivor) && row.Term > before.Term, $"{survivor.Name} leads it");

        // The dead ones are replaced as far as there are nodes.
        List<IClusterNode> alive = [survivor, stranger];
        IReadOnlyList<PartitionRow> rows = [];
        await Eventually.TrueAsync(
            async () => (rows = await PartitionsAsync(shell)).All(row => alive.TrueForAll(row.IsInSyncOn) && alive.Exists(row.IsLedBy)),
            Soon,
            () => $"the two that live lead and follow everywhere: {string.Join('\n', rows)}");
        await NothingIsMissingAsync(alive, parts);
        await EveryTenantWritesAsync(alive, parts);

        await Task.WhenAll(dying.Select(static node => node.StartAsync()));
        await MemberFixture.AgreeAsync(cluster);
        await NothingIsMissingAsync(cluster.Nodes, parts);
    });

    /// <summary>Four nodes in as many zones, so that every move leaves replicas spread as well as before, and a load that everybody has something of.</summary>
    private static Task UseAsync(string name, IReadOnlyDictionary<string, string> settings, Func<TestCluster, ScenarioParts, Task> test) => RunDirectory.UseAsync(name, async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(
            new ClusterOptions { Nodes = Light.Nodes, Zones = Light.Nodes, Store = StoreKind.Local, Settings = settings }, directory);
        await using var parts = await ScenarioParts.StartAsync(Light, cluster, new ScenarioTimes(), directory);
        await SingleNode.GoesOnAsync(parts);
        await test(cluster, parts);
        Assert.Null(parts.Broken());
    });

    private static async Task<IReadOnlyList<PartitionRow>> PartitionsAsync(ClusterCommandLine shell) => PartitionRow.ParseAll(await shell.DoneAsync("partitions"));

    private static string RowOf(string table, IClusterNode node) => Assert.Single(table.Split('\n'), line => line.StartsWith(node.Id, StringComparison.Ordinal));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The status says that all nodes take part, and that nothing is missing or to be moved.</summary>
    private static async Task SettlesAsync(ClusterCommandLine shell, int nodes)
    {
        var status = string.Empty;
        await Eventually.TrueAsync(
            async () => Settled().Match(status = await shell.DoneAsync("status")) is { Success: true } match && match.Groups["nodes"].Value == Text(nodes), Soon, () => $"all is in its place: {status}");
    }

    private static async Task BecomesAsync(ClusterCommandLine shell, int partition, Func<PartitionRow, bool> condition, string what)
    {
        PartitionRow? row = null;
        await Eventually.TrueAsync(
            async () => condition(row = (await PartitionsAsync(shell)).Single(found => found.Partition == partition)), Soon, () => $"partition {partition}: {what}, but {row}");
    }

    /// <summary>Each of the nodes answers with everything that was acknowledged.</summary>
    private static async Task NothingIsMissingAsync(IEnumerable<IClusterNode> nodes, ScenarioParts parts)
    {
        foreach (var node in nodes)
        {
            await Eventually.TrueAsync(
                () => SingleNode.EverythingIsThereAsync(node, parts), Soon, () => $"{node.Name} answers with everything: {string.Join('\n', parts.NodeChecker.Errors.Keys.TakeLast(5))}");
            Assert.Null(parts.Broken());
        }
    }

    private static async Task EveryTenantWritesAsync(IReadOnlyList<IClusterNode> nodes, ScenarioParts parts)
    {
        using var http = new HttpClient { Timeout = Soon };
        var request = new SeriesRequest();
        request.Add(1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 1);
        for (var sender = 0; sender < parts.Load.Options.Senders; sender++)
        {
            var tenant = LoadSeries.TenantOf(sender);
            await Eventually.TrueAsync(
                async () => await Pushing.PushAsync(http, nodes[0].Url, request, tenant) == HttpStatusCode.NoContent, Soon, () => $"samples of {tenant} are taken");
        }
    }

    [GeneratedRegex(@"^nodes +(?<nodes>\d+) active\npartitions +\d+ healthy\nunder way +nothing$", RegexOptions.Multiline)]
    private static partial Regex Settled();
}
