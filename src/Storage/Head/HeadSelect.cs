using System.Diagnostics;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Common.Threads;

namespace Deucalion.Storage.Head;

/// <summary>
/// A select from a head that is under way: finds the matching series, then adds them to a batch with copies of their chunks that overlap the range. It
/// can be done in one go, or in slices of time as a job of the query threads.
/// </summary>
public sealed class HeadSelect : SlicedJob
{
    // Series copied in one registration: short enough not to hold back the reuse of memory.
    private const int CopyBatch = 256;

    private readonly HeadState _state;
    private readonly IReadOnlyList<LabelMatcher> _matchers;
    private readonly long _minTime;
    private readonly long _maxTime;
    private readonly CancellationToken _cancellation;
    private readonly PooledColumn<FoundSeries> _found = new();
    private SeriesCopy? _copy;
    private int _next;

    internal HeadSelect(HeadState state, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, ChunkSeriesBatch? into, CancellationToken cancellationToken)
    {
        _state = state;
        _matchers = matchers;
        _minTime = minTime;
        _maxTime = maxTime;
        _cancellation = cancellationToken;
        Batch = into;
    }

    /// <summary>What has been selected so far; null before the first series where the batch was not given.</summary>
    public ChunkSeriesBatch? Batch { get; private set; }

    /// <summary>At most so many series have to be looked at.</summary>
    public long Bound()
    {
        using var registration = _state.Enter();
        return SeriesSearch.Bound(_state, _matchers);
    }

    /// <summary>Does all of it.</summary>
    public void Run()
    {
        while (Work(long.MaxValue))
        {
            // Until it is done.
        }
    }

    /// <inheritdoc/>
    protected override bool Work(long untilTimestamp)
    {
        if (_copy is null)
        {
            using var registration = _state.Enter();
            SeriesSearch.Find(_state, _matchers, _found, _cancellation);
            if (_found.Count == 0)
            {
                return false;
            }

            _copy = new SeriesCopy(_state, Batch ??= new ChunkSeriesBatch());
        }

        while (_next < _found.Count)
        {
            _cancellation.ThrowIfCancellationRequested();
            QueryThreads.GiveWay();
            CopySome(_copy);
            if (Stopwatch.GetTimestamp() >= untilTimestamp)
            {
                break;
            }
        }

        if (_next < _found.Count)
        {
            return true;
        }

        _copy.Release();
        _found.Release();
        return false;
    }

    private void CopySome(SeriesCopy copy)
    {
        using var registration = _state.Enter();
        for (var end = Math.Min(_next + CopyBatch, _found.Count); _next < end; _next++)
        {
            if (SeriesSearch.IsThere(_state, _found[_next]))
            {
                copy.Add(_found[_next].Ref, _minTime, _maxTime);
            }
        }
    }
}
