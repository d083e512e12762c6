namespace Deucalion.PromQL.Operators;

/// <summary>
/// A part of the query that stands in it several times and is evaluated once: its columns are kept, as far as the query's memory allows,
/// until each of its places has had them. Thread-safe once open.
/// </summary>
/// <param name="number">Number in the printed plan, from 1.</param>
internal sealed class SharedPart(int number) : IDroppable, IDisposable
{
    private readonly Lock[] _locks = [new(), new(), new(), new(), new(), new(), new(), new()];
    private StepColumn?[] _kept = [];
    private byte[] _left = [];
    private SampleBudget? _budget;
    private long _heldBytes;
    private bool _disposed;

    public int Number => number;

    /// <summary>In how many places it stands; complete once the query is planned.</summary>
    public int Uses { get; set; }

    /// <summary>What computes it; set once the query is planned.</summary>
    public VectorOperator Inner { get; set; } = null!;

    /// <summary>Opens the part for the first place that asks.</summary>
    public async ValueTask OpenAsync(QueryContext context)
    {
        if (_budget is not null)
        {
            return;
        }

        _budget = context.Budget;
        await Inner.OpenAsync(context);
        Hold(9L * Inner.Count);
        _kept = new StepColumn?[Inner.Count];
        _left = new byte[Inner.Count];
        _left.AsSpan().Fill((byte)Math.Min(Uses, byte.MaxValue));
        _budget.AddDroppable(this);
    }

    /// <inheritdoc/>
    public void Drop()
    {
        for (var l = 0; l < _locks.Length; l++)
        {
            lock (_locks[l])
            {
                for (var i = l; i < _kept.Length; i += _locks.Length)
                {
                    if (_kept[i] is { } kept)
                    {
                        _kept[i] = null;
                        Hold(-SampleBudget.BytesOf(kept));
                    }
                }
            }
        }
    }

    public void Evaluate(int index, StepColumn column, Worker worker)
    {
        var gate = _locks[index % _locks.Length];
        lock (gate)
        {
            if (_kept[index] is { } kept)
            {
                column.CopyFrom(kept);
                if (--_left[index] == 0)
                {
                    _kept[index] = null;
                    Hold(-SampleBudget.BytesOf(kept));
                }

                return;
            }
        }

        Inner.Evaluate(index, column, worker);
        lock (gate)
        {
            if (_left[index] > 1 && _kept[index] is null && _budget!.TryHoldBytes(SampleBudget.BytesOf(column)))
            {
                Interlocked.Add(ref _heldBytes, SampleBudget.BytesOf(column));
                var copy = new StepColumn(column.Steps);
                copy.CopyFrom(column);
                _kept[index] = copy;
            }

            _left[index] -= (byte)(_left[index] > 0 ? 1 : 0);
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _budget?.ReleaseBytes(_heldBytes);
            _kept = [];
            Inner.Dispose();
        }
    }

    private void Hold(long bytes)
    {
        if (bytes < 0)
        {
            _budget!.ReleaseBytes(-bytes);
        }
        else
        {
            _budget!.HoldBytes(bytes);
        }

        Interlocked.Add(ref _heldBytes, bytes);
    }
}
