using System.Collections.Concurrent;
using System.Diagnostics;

namespace Deucalion.Common.Threads;

/// <summary>
/// The threads of queries that take longer, one for each core and apart from the pool: they step back behind the threads that answer
/// requests, which thereby find a core and a free pool thread at any time. Long queries take turns on them. They only compute: a thread of the
/// pool that is started from one of them would step back too, for good. So nothing here goes on on the pool; who asked waits. Thread-safe.
/// </summary>
public sealed class QueryThreads
{
    private const int NiceLevels = 10;
    private static readonly long SliceTicks = Stopwatch.Frequency / 50;
    private static readonly long GiveWayTicks = Stopwatch.Frequency / 10_000;

    [ThreadStatic]
    private static bool IsOne;

    [ThreadStatic]
    private static long GivesWayAt;

    private readonly BlockingCollection<ISlicedWork> _queue = [];

    private QueryThreads()
    {
        for (var i = 1; i <= Environment.ProcessorCount; i++)
        {
            new Thread(Run) { IsBackground = true, Name = $"query {i}" }.Start();
        }
    }

    /// <summary>The threads of this process, started at the first use.</summary>
    public static QueryThreads Shared { get; } = new();

    /// <summary>Whether the caller runs on one of these threads: it must not wait for another.</summary>
    public static bool AreCurrent => IsOne;

    /// <summary>
    /// On one of these threads, each tenth of a millisecond: lets a thread that waits for this core have it. Linux looks who is next when a thread wakes, but
    /// passes over one that has just used its share, and then not before the next tick, up to 4 ms later. To be called each few microseconds; takes some
    /// 30 ns, elsewhere nothing.
    /// </summary>
    public static void GiveWay()
    {
        if (IsOne && Stopwatch.GetTimestamp() >= GivesWayAt)
        {
            Thread.Yield();
            GivesWayAt = Stopwatch.GetTimestamp() + GiveWayTicks;
        }
    }

    /// <summary>Lets one more thread work on it.</summary>
    public void Queue(ISlicedWork work) => _queue.Add(work);

    private void Run()
    {
        LinuxThread.TryStepBack(NiceLevels);
        IsOne = true;
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            if (work.RunSlice(Stopwatch.GetTimestamp() + SliceTicks))
            {
                _queue.Add(work);
            }
        }
    }
}
