using System.Diagnostics;

namespace Deucalion.Common.Threads;

/// <summary>Loops over the series of a query. A long one is done on the <see cref="QueryThreads"/> while its caller waits, so that it keeps no core from short requests.</summary>
public static class LongLoop
{
    // Some hundred nanoseconds each: up to a millisecond the way to another thread is not worth it.
    private const int LongFrom = 4096;
    private const int AtOnce = 1024;
    private const int GiveWayEvery = 64;

    /// <summary>Calls the body for 0 … count-1, in order.</summary>
    /// <exception cref="OperationCanceledException">Canceled: looked at every 1,024 times.</exception>
    public static void Run(int count, Action<int> body, CancellationToken cancellationToken)
    {
        if (count >= LongFrom)
        {
            SlicedJob.RunAll([new Job(count, body, cancellationToken)], cancellationToken);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            if (i % AtOnce == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            body(i);
        }
    }

    private sealed class Job(int count, Action<int> body, CancellationToken cancellationToken) : SlicedJob
    {
        private int _next;

        protected override bool Work(long untilTimestamp)
        {
            while (_next < count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var end = Math.Min(count, _next + AtOnce); _next < end; _next++)
                {
                    if (_next % GiveWayEvery == 0)
                    {
                        QueryThreads.GiveWay();
                    }

                    body(_next);
                }

                if (Stopwatch.GetTimestamp() >= untilTimestamp)
                {
                    break;
                }
            }

            return _next < count;
        }
    }
}
