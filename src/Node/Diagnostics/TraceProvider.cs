namespace Deucalion.Node.Diagnostics;

/// <summary>A source of events of the runtime.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Keywords">Which of its events.</param>
/// <param name="Level">How much of them: 4 informational, 5 all.</param>
internal sealed record TraceProvider(string Name, ulong Keywords, uint Level)
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";

    /// <summary>Stacks of all threads, a thousand times a second, with the runtime's own events: where time goes.</summary>
    public static readonly IReadOnlyList<TraceProvider> CpuSamples = [new("Microsoft-DotNETCore-SampleProfiler", 0xF000_0000_0000, 4), new(Runtime, 0x14_C14F_CCBD, 4)];

    /// <summary>A collection of all generations, and every object it finds alive: where memory goes.</summary>
    public static readonly IReadOnlyList<TraceProvider> HeapSnapshot = [new(Runtime, 0x198_0001, 5)];
}
