namespace Deucalion.Common.Objects;

/// <summary>
/// Runs requests against their timeouts: those that may be done twice are repeated, with growing waits, while the failure may pass; the others are sent
/// once. What fails in the end is <see cref="ObjectStoreException"/>. Thread-safe.
/// </summary>
internal sealed class RequestAttempts(RequestLimits limits, IRequestFailures failures, ObjectStoreMetrics metrics, TimeProvider time, Func<double> chance)
{
    /// <summary>Sends a request until it is answered. <paramref name="bytes"/>: length of the body that goes or comes.</summary>
    public async ValueTask<T> RepeatAsync<T>(RequestCall call, long bytes, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var total = limits.TotalTimeout + TimeFor(bytes);
        var backoff = limits.FirstBackoff;
        Exception? before = null;
        while (true)
        {
            var left = total - time.GetElapsedTime(start);
            var limit = limits.AttemptTimeout + TimeFor(bytes);
            try
            {
                return await AttemptAsync(left < limit ? left : limit, send, cancellationToken);
            }
            catch (Exception e) when (IsFailure(e, cancellationToken))
            {
                // The last attempt may have had hardly any time: what went wrong before says more.
                var telling = e is TimeoutException && left < limit ? before ?? e : e;
                var wait = backoff * ((1 + chance()) / 2);
                if (!failures.MayPass(e) || time.GetElapsedTime(start) + wait >= total)
                {
                    throw failures.Describe(call, telling);
                }

                metrics.Repeated(call.Operation);
                await Task.Delay(wait, time, cancellationToken);
                backoff = backoff * 2 < limits.LongestBackoff ? backoff * 2 : limits.LongestBackoff;
                before = telling;
            }
        }
    }

    /// <summary>Sends a request once: after a failure nobody knows whether it took effect.</summary>
    public async ValueTask<T> OnceAsync<T>(RequestCall call, long bytes, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await AttemptAsync(limits.AttemptTimeout + TimeFor(bytes), send, cancellationToken);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw failures.Describe(call, e);
        }
    }

    // Everything that clients and the network throw, but not what a caller's cancellation or an answer of ours looks like.
    private static bool IsFailure(Exception e, CancellationToken cancellationToken) =>
        e is not ObjectStoreException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private async Task<T> AttemptAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await send(linked.Token);
        }
        catch (Exception e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {limit.TotalSeconds:0.#} s", e);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private TimeSpan TimeFor(long bytes) => TimeSpan.FromSeconds((double)bytes / limits.SlowestBytesPerSecond);
}
