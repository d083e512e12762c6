using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators;

/// <summary>
/// A node of the running plan whose value is a vector: a fixed list of series, known once it is open, and for each a column over
/// the steps, computed on demand. <see cref="Evaluate"/> may be called from several threads at a time, each with its own worker,
/// once per series; labels may be asked for from any thread too, the other members from one only.
/// </summary>
internal abstract class VectorOperator : IDisposable
{
    protected VectorOperator(StepGrid grid)
    {
        Grid = grid;
    }

    public StepGrid Grid { get; }

    /// <summary>Number of series.</summary>
    public abstract int Count { get; }

    /// <summary>Whether no two series have the same labels once names are dropped; false where that is not known.</summary>
    public virtual bool NamesUniform => false;

    /// <summary>
    /// Whether computing a series can fail or leave a note for what its values are: such series are computed even where nothing needs them.
    /// </summary>
    public virtual bool Reports => true;

    /// <summary>Finds the series. Operators that need all of their input at once evaluate it here.</summary>
    public abstract ValueTask OpenAsync(QueryContext context);

    /// <summary>Labels of a series as they came from the source, names included even where they are dropped.</summary>
    public abstract SeriesLabels RawLabelsAt(int index);

    /// <summary>Whether the name, type and unit labels of the series are dropped: at once, or at the end where removal is delayed.</summary>
    public virtual bool DropNameAt(int index) => false;

    /// <summary>Computes all steps of a series.</summary>
    public abstract void Evaluate(int index, StepColumn column, Worker worker);

    /// <summary>Releases what the operator and those below it hold. Harmless before opening.</summary>
    public abstract void Dispose();

    /// <summary>The labels that the rest of the query sees.</summary>
    public Labels VisibleLabelsAt(int index, QueryContext context)
    {
        var labels = RawLabelsAt(index).Whole;
        return DropNameAt(index) && !context.DelayedNameRemoval ? MetricNames.Drop(labels) : labels;
    }
}
