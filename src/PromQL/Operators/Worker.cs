using Deucalion.Common.Samples;

namespace Deucalion.PromQL.Operators;

/// <summary>Scratch memory of one thread that evaluates series: buffers and columns nest like calls do. Not thread-safe.</summary>
internal sealed class Worker(SampleBudget budget) : IDisposable
{
    // What most series fit into.
    private const int MaxSpareCapacity = 4096;

    // Short queries come by the thousand, and a buffer is the largest thing that one of them needs.
    [ThreadStatic]
    private static SampleBuffer? Spare;

    private long _bytes;
    private readonly Stack<SampleBuffer> _buffers = new();
    private readonly Dictionary<int, Stack<StepColumn>> _columns = [];

    /// <summary>Scratch for one function at a time.</summary>
    public List<int> Positions { get; } = [];

    public SampleBuffer RentBuffer()
    {
        if (!_buffers.TryPop(out var buffer))
        {
            buffer = Spare ?? new SampleBuffer();
            Spare = null;
        }

        return buffer;
    }

    public void Return(SampleBuffer buffer)
    {
        buffer.Clear();
        _buffers.Push(buffer);
    }

    /// <summary>A column of any content.</summary>
    public StepColumn RentColumn(int steps) =>
        _columns.TryGetValue(steps, out var free) && free.TryPop(out var column) ? column : NewColumn(steps);

    public void Return(StepColumn column)
    {
        if (!_columns.TryGetValue(column.Steps, out var free))
        {
            _columns[column.Steps] = free = new Stack<StepColumn>();
        }

        free.Push(column);
    }

    /// <summary>Gives its memory back to the budget; what others still hold of it is counted by them.</summary>
    public void Dispose()
    {
        budget.ReleaseBytes(_bytes);
        _bytes = 0;
        if (_buffers.TryPop(out var buffer) && buffer.Capacity <= MaxSpareCapacity)
        {
            Spare = buffer;
        }
    }

    private StepColumn NewColumn(int steps)
    {
        var bytes = 64 + (8L * steps);
        budget.HoldBytes(bytes);
        _bytes += bytes;
        return new StepColumn(steps);
    }
}
