using System.Runtime.InteropServices;

namespace Deucalion.Benchmarks.Stored;

/// <summary>CPU time of the calling thread, which other programs on the machine do not lengthen as they do elapsed time.</summary>
internal sealed partial class CpuClock
{
    private const int ThreadClock = 3;

    private double _total;
    private double _begun;

    /// <summary>Seconds between all starts and stops.</summary>
    public double Seconds => _total;

    /// <summary>Seconds that an action takes.</summary>
    public static double Measure(Action action)
    {
        var clock = new CpuClock();
        clock.Start();
        action();
        clock.Stop();
        return clock.Seconds;
    }

    public void Start() => _begun = Now();

    public void Stop() => _total += Now() - _begun;

    public void Reset() => _total = 0;

    private static double Now()
    {
        if (ClockGetTime(ThreadClock, out var now) != 0)
        {
            throw new InvalidOperationException("the thread has no clock");
        }

        return now.Seconds + (now.Nanoseconds / 1e9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
