namespace Deucalion.Common.Limits;

/// <summary>How many samples a second come lately, measured over windows of ten seconds. Thread-safe.</summary>
public sealed class SampleRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _start = time.GetTimestamp();
    private long _count;
    private double _last;

    /// <summary>Samples a second in the last window that has ended; 0 before the first has.</summary>
    public double PerSecond
    {
        get
        {
            lock (_lock)
            {
                Roll();
                return _last;
            }
        }
    }

    /// <summary>Counts samples.</summary>
    public void Add(long samples)
    {
        lock (_lock)
        {
            Roll();
            _count += samples;
        }
    }

    private void Roll()
    {
        var elapsed = time.GetElapsedTime(_start);
        if (elapsed >= Window)
        {
            _last = _count / elapsed.TotalSeconds;
            _count = 0;
            _start = time.GetTimestamp();
        }
    }
}
