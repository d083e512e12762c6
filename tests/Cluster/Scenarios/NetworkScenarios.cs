namespace Deucalion.Cluster.Scenarios;

/// <summary>Links that fail, between nodes and to the store, and the store itself.</summary>
internal static class NetworkScenarios
{
    public static readonly Scenario CutPair = new("cut-pair", "no connection between a primary's node and one backup's", CutPairAsync);

    public static readonly Scenario Isolated = new("isolated", "no connection between a primary's node and any other, while clients and the store reach it", IsolatedAsync);

    public static readonly Scenario OneWay = new("one-way", "what a primary's node sends to the others is lost, what they send arrives", OneWayAsync);

    public static readonly Scenario OneWayBack = new("one-way-back", "what the others send to a primary's node is lost, what it sends arrives", OneWayBackAsync);

    public static readonly Scenario SlowLink = new("slow-link", "what a primary's node and one backup's say to each other is late and passes slowly", SlowLinkAsync);

    public static readonly Scenario CutFromStore = new("cut-from-store", "a primary's node does not reach the store", CutFromStoreAsync);

    public static readonly Scenario StoreDies = new("store-dies", "the store is killed and started again later", StoreDiesAsync);

    private static async Task CutPairAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        var other = await run.BackupOfAsync(one);
        run.Mark($"{one.Name} and {other.Name} are cut off from each other");
        run.Cluster.Network.Cut(one.Name, other.Name);
        await OutliveAsync(run);
    }

    private static async Task IsolatedAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        run.Mark($"{one.Name} is cut off from all other nodes");
        foreach (var other in run.Cluster.Nodes.Where(n => n != one))
        {
            run.Cluster.Network.Cut(one.Name, other.Name);
        }

        await OutliveAsync(run);
    }

    private static async Task OneWayAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        run.Mark($"nothing that {one.Name} sends arrives");
        foreach (var other in run.Cluster.Nodes.Where(n => n != one))
        {
            run.Cluster.Network.Hold(one.Name, other.Name);
        }

        await OutliveAsync(run);
    }

    private static async Task OneWayBackAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        run.Mark($"nothing arrives at {one.Name}");
        foreach (var other in run.Cluster.Nodes.Where(n => n != one))
        {
            run.Cluster.Network.Hold(other.Name, one.Name);
        }

        await OutliveAsync(run);
    }

    // Slow is not broken: nobody may lose as much as speed.
    private static async Task SlowLinkAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        var other = await run.BackupOfAsync(one);
        run.Mark($"{one.Name} and {other.Name} hear each other late");
        foreach (var (from, to) in new[] { (one.Name, other.Name), (other.Name, one.Name) })
        {
            run.Cluster.Network.Delay(from, to, TimeSpan.FromMilliseconds(200));
            run.Cluster.Network.Limit(from, to, 256 * 1024);
        }

        await run.WritesGoOnAsync();
        await run.GoodputReturnsAsync();
        await run.LastsAsync();
        run.Mark("the links are whole again");
        run.Cluster.Network.Heal();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    // Writes have to go on while the link is broken, not because it was mended.
    private static async Task OutliveAsync(ScenarioRun run)
    {
        await run.WritesResumeAsync();
        await run.LastsAsync();
        run.Mark("the links are whole again");
        run.Cluster.Network.Heal();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    // No partition needs the store as long as its replicas are well.
    private static async Task CutFromStoreAsync(ScenarioRun run)
    {
        var one = await run.PrimaryAsync();
        run.Mark($"{one.Name} is cut off from the store");
        run.Cluster.Store.CutFrom(one.Name);
        await run.LastsAsync();
        run.Mark($"{one.Name} has been without the store for a while");
        await run.WritesGoOnAsync();
        run.Mark($"{one.Name} reaches the store again");
        run.Cluster.Store.GiveBackTo(one.Name);
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task StoreDiesAsync(ScenarioRun run)
    {
        run.Mark("the store is killed");
        await run.Cluster.Store.KillAsync();
        await run.WritesGoOnAsync();
        await run.LastsAsync();
        run.Mark("the store has been away for a while");
        await run.WritesGoOnAsync();
        await run.Cluster.Store.ReviveAsync();
        await run.LastsAsync();
        run.Mark("the store has been back for a while");
        await run.WritesGoOnAsync();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }
}
