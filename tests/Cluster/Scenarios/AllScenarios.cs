namespace Deucalion.Cluster.Scenarios;

/// <summary>The catalogue.</summary>
internal static class AllScenarios
{
    public static IReadOnlyList<Scenario> List { get; } =
    [
        ProcessScenarios.KillPrimary,
        ProcessScenarios.KillBackup,
        ProcessScenarios.KillCoordinator,
        ProcessScenarios.Pause,
        ProcessScenarios.WipedDisk,
        ProcessScenarios.TwoOfSix,
        NetworkScenarios.CutPair,
        NetworkScenarios.Isolated,
        NetworkScenarios.OneWay,
        NetworkScenarios.OneWayBack,
        NetworkScenarios.SlowLink,
        NetworkScenarios.CutFromStore,
        NetworkScenarios.StoreDies,
        MachineScenarios.DiskFull,
        MachineScenarios.ClockJump,
        OperationScenarios.RollingRestart,
        OperationScenarios.GrowAndShrink,
    ];

    public static Scenario Named(string name) => List.First(s => s.Name == name);
}
