using System.Collections.Concurrent;
using System.Diagnostics;
using Deucalion.Common.Threads;

namespace Deucalion.PromQL.Operators;

/// <summary>Receives the series of a <see cref="SeriesDrain"/> one by one, in order, never two at a time.</summary>
internal interface ISeriesConsumer
{
    /// <summary>The column is only lent for the call.</summary>
    void Consume(int index, StepColumn column);
}

/// <summary>
/// Evaluates all series of an operator on several threads and hands them to a consumer in order of their index. The order of all
/// float operations is thereby the same on one core and on sixty-four.
/// </summary>
internal sealed class SeriesDrain : ISlicedWork
{
    // What takes longer goes on on the threads for it, so that the caller's thread does not keep a core from short requests.
    private static readonly long CallerTicks = Stopwatch.Frequency / 100;

    private const int ChunkSize = 32;
    private const int ParallelFrom = 128;

    private readonly VectorOperator _from;
    private readonly ISeriesConsumer _to;
    private readonly CancellationToken _cancellation;
    private readonly SampleBudget _budget;
    private readonly ConcurrentStack<Worker> _workers = new();
    private readonly int _chunks;
    private readonly StepColumn[]?[] _ready;

    // Columns of chunks that have been consumed; as many as there are at most between the threads.
    private readonly Stack<StepColumn[]> _free = new();
    private readonly object _gate = new();
    private Exception? _failure;
    private int _next;
    private int _drained;
    private int _active;
    private bool _draining;
    private bool _closed;

    private SeriesDrain(VectorOperator from, ISeriesConsumer to, int workers, QueryContext context)
    {
        _from = from;
        _to = to;
        _cancellation = context.CancellationToken;
        _budget = context.Budget;
        _chunks = (from.Count + ChunkSize - 1) / ChunkSize;
        _ready = new StepColumn[]?[workers * 4];
    }

    public static void Run(VectorOperator from, ISeriesConsumer to, QueryContext context)
    {
        var workers = Math.Min(context.Workers, from.Count / ChunkSize);
        if (workers <= 1 || from.Count < ParallelFrom)
        {
            RunAlone(from, to, context);
        }
        else
        {
            new SeriesDrain(from, to, workers, context).RunTogether(workers);
        }
    }

    private static void RunAlone(VectorOperator from, ISeriesConsumer to, QueryContext context)
    {
        using var worker = new Worker(context.Budget);
        var column = worker.RentColumn(from.Grid.Count);
        for (var i = 0; i < from.Count; i++)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            from.Evaluate(i, column, worker);
            to.Consume(i, column);
        }
    }

    /// <inheritdoc/>
    public bool RunSlice(long untilTimestamp)
    {
        lock (_gate)
        {
            if (_closed || IsDone)
            {
                return false;
            }

            _active++;
        }

        Work(untilTimestamp);
        lock (_gate)
        {
            _active--;
            Monitor.PulseAll(_gate);
            return !IsDone && _next < _chunks;
        }
    }

    private bool IsDone => _failure is not null || _drained == _chunks;

    private void RunTogether(int workers)
    {
        // Waiting for a turn must not delay the end of a canceled query.
        using var registration = _cancellation.UnsafeRegister(
            static (drain, token) => ((SeriesDrain)drain!).Fail(new OperationCanceledException(token)), this);
        for (var i = 1; i < workers; i++)
        {
            QueryThreads.Shared.Queue(this);
        }

        if (RunSlice(Stopwatch.GetTimestamp() + CallerTicks))
        {
            QueryThreads.Shared.Queue(this);
        }

        lock (_gate)
        {
            while (!IsDone)
            {
                Monitor.Wait(_gate);
            }

            // A thread that has not come by now is not waited for: it finds the drain closed.
            _closed = true;
            while (_active > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        foreach (var worker in _workers)
        {
            worker.Dispose();
        }

        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private void Work(long untilTimestamp)
    {
        var worker = _workers.TryPop(out var free) ? free : new Worker(_budget);
        try
        {
            while (Claim(out var columns) is var chunk && chunk >= 0)
            {
                columns ??= NewColumns(worker);
                EvaluateChunk(chunk, columns, worker);
                Publish(chunk, columns);
                Drain();
                if (Stopwatch.GetTimestamp() >= untilTimestamp)
                {
                    break;
                }
            }
        }
        catch (Exception e)
        {
            // The first failure stops all threads; the caller throws it again.
            Fail(e);
        }

        _workers.Push(worker);
    }

    private void Fail(Exception e)
    {
        lock (_gate)
        {
            if (!IsDone)
            {
                _failure = e;
                _draining = false;
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next chunk to evaluate, or -1 when none is left; columns for it where some are free. Waits while the consumer is too far behind.</summary>
    private int Claim(out StepColumn[]? columns)
    {
        columns = null;
        lock (_gate)
        {
            while (_failure is null && _next < _chunks && _next - _drained >= _ready.Length)
            {
                Monitor.Wait(_gate);
            }

            if (_failure is not null || _next == _chunks)
            {
                return -1;
            }

            _free.TryPop(out columns);
            return _next++;
        }
    }

    private StepColumn[] NewColumns(Worker worker)
    {
        var columns = new StepColumn[ChunkSize];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = worker.RentColumn(_from.Grid.Count);
        }

        return columns;
    }

    private int CountOf(int chunk) => Math.Min(ChunkSize, _from.Count - (chunk * ChunkSize));

    private void EvaluateChunk(int chunk, StepColumn[] columns, Worker worker)
    {
        var first = chunk * ChunkSize;
        for (var i = 0; i < CountOf(chunk); i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            QueryThreads.GiveWay();
            _from.Evaluate(first + i, columns[i], worker);
        }
    }

    private void Publish(int chunk, StepColumn[] columns)
    {
        lock (_gate)
        {
            _ready[chunk % _ready.Length] = columns;
        }
    }

    /// <summary>Consumes what is ready in order, unless another thread is at it.</summary>
    private void Drain()
    {
        while (TakeReady() is { } columns)
        {
            var first = _drained * ChunkSize;
            for (var i = 0; i < CountOf(_drained); i++)
            {
                QueryThreads.GiveWay();
                _to.Consume(first + i, columns[i]);
            }

            lock (_gate)
            {
                _free.Push(columns);
                _drained++;
                _draining = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private StepColumn[]? TakeReady()
    {
        lock (_gate)
        {
            if (_draining || _failure is not null)
            {
                return null;
            }

            var slot = _drained % _ready.Length;
            var columns = _ready[slot];
            if (columns is not null)
            {
                _ready[slot] = null;
                _draining = true;
            }

            return columns;
        }
    }
}
