namespace Deucalion.PromQL.Operators;

/// <summary>A node of the running plan whose value is a number at each step.</summary>
internal abstract class ScalarOperator : IDisposable
{
    protected ScalarOperator(StepGrid grid)
    {
        Grid = grid;
        Values = new double[grid.Count];
    }

    public StepGrid Grid { get; }

    /// <summary>One number a step, valid once open.</summary>
    public double[] Values { get; }

    /// <summary>Computes <see cref="Values"/>.</summary>
    public abstract ValueTask OpenAsync(QueryContext context);

    public abstract void Dispose();
}
