namespace Deucalion.Common.Threads;

/// <summary>Work that is done in slices of time, so that several of its kind share the threads.</summary>
public interface ISlicedWork
{
    /// <summary>Works until the time is over (a timestamp of <see cref="System.Diagnostics.Stopwatch"/>); whether there is more to do. It must not throw.</summary>
    bool RunSlice(long untilTimestamp);
}
