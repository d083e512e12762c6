namespace Deucalion.Cluster.Load;

/// <summary>Time of one run, which never jumps: everything that is measured is measured by it. Thread-safe.</summary>
internal sealed class RunClock
{
    private readonly long _begun = TimeProvider.System.GetTimestamp();

    /// <summary>Since the run began.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_begun);
}
