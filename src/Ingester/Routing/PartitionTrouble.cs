namespace Deucalion.Ingester.Routing;

/// <summary>A partition that did not take a write, from the first such write until one is taken. Thread-safe.</summary>
internal sealed class PartitionTrouble
{
    private readonly long _since;
    private long _probedAt;
    private volatile string? _reason;

    /// <param name="since">Timestamp of the first attempt that was not taken.</param>
    public PartitionTrouble(long since)
    {
        _since = since;
        _probedAt = since;
    }

    /// <summary>Why it did not take the last write that was tried.</summary>
    public string? Reason
    {
        get => _reason;
        set => _reason = value;
    }

    /// <summary>
    /// How long a request that comes now waits for the partition: what is left of the wait for a failover, counted from the first write that it
    /// did not take. After that the partition is rerouted around: one request at a time tries it, the others wait no more.
    /// </summary>
    public TimeSpan Patience(RouterOptions options, TimeProvider time)
    {
        var left = options.FailoverWait - time.GetElapsedTime(_since);
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        return MayProbe(options, time) ? options.ProbeWait : TimeSpan.Zero;
    }

    /// <summary>Whether the request that asks is the one that tries the partition now: nobody else has for a while.</summary>
    public bool MayProbe(RouterOptions options, TimeProvider time)
    {
        var probedAt = Volatile.Read(ref _probedAt);
        return time.GetElapsedTime(probedAt) >= options.RerouteFor && Interlocked.CompareExchange(ref _probedAt, time.GetTimestamp(), probedAt) == probedAt;
    }
}
