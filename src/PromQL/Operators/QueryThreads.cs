using System.Collections.Concurrent;
using System.Diagnostics;
using Deucalion.Common.Threads;

namespace Deucalion.PromQL.Operators;

/// <summary>Work that is done in slices of time, so that several of its kind share the threads.</summary>
internal interface ISlicedWork
{
    /// <summary>Works until the time is over; whether there is more to do.</summary>
    bool RunSlice(long untilTimestamp);
}

/// <summary>
/// The threads of queries that take longer, one for each core and apart from the pool: they step back behind the threads that answer
/// requests, which thereby find a core and a free pool thread at any time. Long queries take turns on them.
/// </summary>
internal sealed class QueryThreads
{
    private const int NiceLevels = 10;
    private static readonly long SliceTicks = Stopwatch.Frequency / 50;

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

    /// <summary>Lets one more thread work on it.</summary>
    public void Queue(ISlicedWork work) => _queue.Add(work);

    private void Run()
    {
        LinuxThread.TryStepBack(NiceLevels);
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            if (work.RunSlice(Stopwatch.GetTimestamp() + SliceTicks))
            {
                _queue.Add(work);
            }
        }
    }
}
