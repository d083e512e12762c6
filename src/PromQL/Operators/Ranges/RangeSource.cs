using Deucalion.Common.Samples;
using Deucalion.PromQL.Operators.Selectors;

namespace Deucalion.PromQL.Operators.Ranges;

/// <summary>A range vector: series of which each step sees the samples of a window. Threads as for <see cref="VectorOperator"/>.</summary>
internal abstract class RangeSource : IDisposable
{
    private CancellationToken _cancellation;

    protected RangeSource(StepGrid grid, TimeShift shift, long range)
    {
        Grid = grid;
        Shift = shift;
        Range = range;
    }

    /// <summary>The steps that look at the windows.</summary>
    public StepGrid Grid { get; }

    public TimeShift Shift { get; }

    /// <summary>Length of the window, milliseconds.</summary>
    public long Range { get; }

    /// <summary>How far the window moves from step to step: not at all where <c>@</c> fixes it.</summary>
    public long WindowStep => Shift.IsFixed ? 0 : Grid.Step;

    /// <summary>How far samples may reach out of the windows: before the first, and behind the last; milliseconds.</summary>
    public virtual (long Before, long After) Margin => (0, 0);

    public abstract int Count { get; }

    public virtual bool NamesUniform => false;

    public abstract ValueTask OpenAsync(QueryContext context);

    public abstract SeriesLabels RawLabelsAt(int index);

    public virtual bool DropNameAt(int index) => false;

    /// <summary>All samples that any window may need, without stale markers.</summary>
    public abstract void Read(int index, SampleBuffer buffer, Worker worker);

    public abstract void Dispose();

    /// <summary>Newest time of the step's window, inclusive. Kernels ask for it at each step: a canceled query ends here.</summary>
    public long WindowEnd(int step)
    {
        _cancellation.ThrowIfCancellationRequested();
        return Shift.Apply(Grid.TimeAt(step));
    }

    /// <summary>Says what ends the work of kernels; before the first series is read.</summary>
    public void StopOn(CancellationToken cancellation) => _cancellation = cancellation;
}
