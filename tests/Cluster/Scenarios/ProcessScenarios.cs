namespace Deucalion.Cluster.Scenarios;

/// <summary>Processes that die, stop and come back with or without what they had.</summary>
internal static class ProcessScenarios
{
    public static readonly Scenario KillPrimary = new("kill-primary", "kill -9 of the node that leads most partitions", KillPrimaryAsync);

    public static readonly Scenario KillBackup = new("kill-backup", "kill -9 of a node that follows", KillBackupAsync);

    public static readonly Scenario KillCoordinator = new("kill-coordinator", "kill -9 of the node whose coordinator acts", KillCoordinatorAsync);

    public static readonly Scenario Pause = new("pause", "SIGSTOP of the node that leads most partitions, and SIGCONT later", PauseAsync);

    public static readonly Scenario WipedDisk = new("wiped-disk", "kill -9 of a node and loss of its whole disk", WipedDiskAsync);

    public static readonly Scenario TwoOfSix = new("two-of-six", "kill -9 of two of six nodes in two of three zones at one moment", TwoOfSixAsync)
    {
        Nodes = 6,

        // Later than goodput has to be back: rebuilding may not be what brings it.
        ReplaceAfter = TimeSpan.FromSeconds(75),
    };

    private static async Task KillPrimaryAsync(ScenarioRun run)
    {
        var victim = await run.PrimaryAsync();
        run.Mark($"{victim.Name}, primary of most partitions, is killed");
        await victim.KillAsync();
        await run.WritesResumeAsync();
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task KillBackupAsync(ScenarioRun run)
    {
        var victim = await run.BackupOfAsync(await run.PrimaryAsync());
        run.Mark($"{victim.Name}, a backup, is killed");
        await victim.KillAsync();
        await run.WritesResumeAsync();
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task KillCoordinatorAsync(ScenarioRun run)
    {
        var victim = await run.CoordinatorAsync();
        run.Mark($"{victim.Name}, the coordinator, is killed");
        await victim.KillAsync();
        await run.WritesResumeAsync();
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task PauseAsync(ScenarioRun run)
    {
        var victim = await run.PrimaryAsync();
        run.Mark($"{victim.Name}, primary of most partitions, is paused");
        victim.Pause();
        await run.LastsAsync(run.Times.PauseLasts);
        victim.Resume();
        await run.WritesResumeAsync();
        run.Mark($"{victim.Name} goes on");
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task WipedDiskAsync(ScenarioRun run)
    {
        var victim = await run.PrimaryAsync();
        run.Mark($"{victim.Name} is killed and loses its disk");
        await victim.KillAsync();
        victim.Wipe();
        await run.WritesResumeAsync();
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task TwoOfSixAsync(ScenarioRun run)
    {
        var partitions = await run.WrittenPartitionsAsync();
        var struck = partitions[^1];
        var (one, two) = (run.NodeOf(struck.Primary), run.NodeOf(struck.InSync.First(id => id != struck.Primary)));
        run.Mark($"{one.Name} in {one.Zone} and {two.Name} in {two.Zone} are killed");
        await Task.WhenAll(one.KillAsync(), two.KillAsync());
        await run.PartitionsGoOnAsync([.. partitions.Where(p => p.InSync.Count(id => id != one.Id && id != two.Id) >= p.MinInSync)]);

        // Partitions that have lost two of three replicas take no writes until they are rebuilt: theirs go to others.
        await run.GoodputReturnsAsync();
        var rerouted = await run.CountAsync("deucalion_router_rerouted_total");
        run.Expect(rerouted > 0, $"writes of partitions that have lost two replicas go to others: {rerouted} did");

        // The four that are left have to be enough.
        await run.RedundancyReturnsAsync();
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
    }
}
