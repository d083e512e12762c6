namespace Deucalion.Cluster.Scenarios;

/// <summary>A node's machine misbehaves while its process lives.</summary>
internal static class MachineScenarios
{
    public static readonly Scenario DiskFull = new("disk-full", "the disk of a primary's node is full, and has room again later", DiskFullAsync);

    public static readonly Scenario ClockJump = new("clock-jump", "the wall clock of a primary's node jumps an hour ahead, later five minutes behind, and back", ClockJumpAsync);

    private static async Task DiskFullAsync(ScenarioRun run)
    {
        var node = await run.PrimaryAsync();
        run.Mark($"the disk of {node.Name} is full");
        await node.FillDiskAsync();
        await run.WritesResumeAsync();
        await run.LastsAsync();
        run.Mark($"the disk of {node.Name} has been full for a while");
        await run.WritesGoOnAsync();
        run.Mark($"the disk of {node.Name} has room again");
        await node.EmptyDiskAsync();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task ClockJumpAsync(ScenarioRun run)
    {
        var node = await run.PrimaryAsync();
        run.Mark($"the clock of {node.Name} is an hour ahead");
        node.ShiftClock(TimeSpan.FromHours(1));
        await run.WritesGoOnAsync();
        await run.LastsAsync();

        // Less than the ten minutes that a sample may lie ahead: nothing may be refused.
        run.Mark($"the clock of {node.Name} is five minutes behind");
        node.ShiftClock(TimeSpan.FromMinutes(-5));
        await run.WritesGoOnAsync();
        await run.LastsAsync();
        run.Mark($"the clock of {node.Name} is right");
        node.ShiftClock(TimeSpan.Zero);
        await run.WritesGoOnAsync();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }
}
