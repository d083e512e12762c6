namespace Deucalion.Common.Limits;

/// <summary>
/// Bounds what is taken over any time to <c>burst + rate × time</c>. It begins full. Rate and burst are given at each call, so that they may change.
/// Thread-safe.
/// </summary>
public sealed class TokenBucket(TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _tokens = double.PositiveInfinity;
    private long _filledAt = time.GetTimestamp();

    /// <summary>
    /// Takes tokens, all or none. Where there are too few, <paramref name="wait"/> is the time until there are enough, if nobody else takes any; more than
    /// the burst are never to be had, and the wait is <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    /// <param name="tokens">How many.</param>
    /// <param name="rate">Tokens that come each second, more than 0.</param>
    /// <param name="burst">Most tokens that are kept.</param>
    /// <param name="wait">Zero where they were taken.</param>
    public bool TryTake(long tokens, double rate, double burst, out TimeSpan wait)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + (rate * time.GetElapsedTime(_filledAt, now).TotalSeconds));
            _filledAt = now;
            if (tokens <= _tokens)
            {
                _tokens -= tokens;
                wait = TimeSpan.Zero;
                return true;
            }

            wait = tokens > burst ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Math.Min((tokens - _tokens) / rate, TimeSpan.FromDays(1).TotalSeconds));
            return false;
        }
    }
}
