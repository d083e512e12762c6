using System.Runtime.ExceptionServices;

namespace Deucalion.Common.Threads;

/// <summary>Work for one of the <see cref="QueryThreads"/> at a time, for which its caller waits.</summary>
public abstract class SlicedJob : ISlicedWork
{
    private readonly object _gate = new();
    private Exception? _failure;
    private bool _running;
    private bool _over;

    /// <summary>Does the jobs side by side on the query threads and returns when all are done.</summary>
    /// <exception cref="OperationCanceledException">Canceled; no job is at work any more, and none will be.</exception>
    public static void RunAll(IReadOnlyList<SlicedJob> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            job.Begin();
        }

        // All of them have to end, whatever becomes of the others.
        ExceptionDispatchInfo? failure = null;
        foreach (var job in jobs)
        {
            job.Wait(cancellationToken);
            failure ??= job._failure is { } e ? ExceptionDispatchInfo.Capture(e) : null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        failure?.Throw();
    }

    /// <inheritdoc/>
    public bool RunSlice(long untilTimestamp)
    {
        lock (_gate)
        {
            if (_over)
            {
                return false;
            }

            _running = true;
        }

        var more = false;
        try
        {
            more = Work(untilTimestamp);
        }
        catch (Exception e)
        {
            // Thrown again where it is waited for.
            _failure = e;
        }

        lock (_gate)
        {
            _running = false;
            _over |= !more;
            Monitor.PulseAll(_gate);
            return !_over;
        }
    }

    /// <summary>Works until the time is over (a timestamp of <see cref="System.Diagnostics.Stopwatch"/>); whether there is more to do.</summary>
    protected abstract bool Work(long untilTimestamp);

    private void Begin()
    {
        if (!QueryThreads.AreCurrent)
        {
            QueryThreads.Shared.Queue(this);
            return;
        }

        while (RunSlice(long.MaxValue))
        {
            // It takes as many slices as it wants.
        }
    }

    private void Wait(CancellationToken cancellationToken)
    {
        // Waiting for a turn must not delay the end of a canceled query: a job that is not at work never will be.
        using var registration = cancellationToken.UnsafeRegister(static job => ((SlicedJob)job!).Stop(), this);
        lock (_gate)
        {
            while (!_over || _running)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _over = true;
            Monitor.PulseAll(_gate);
        }
    }
}
