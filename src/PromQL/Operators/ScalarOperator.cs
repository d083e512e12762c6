namespace Deucalion.PromQL.Operators;

/// <summary>A node of the running plan whose value is a number at each step.</summary>
internal abstract class ScalarOperator : IDisposable
{
    private double[]? _values;

    protected ScalarOperator(StepGrid grid)
    {
        Grid = grid;
    }

    public StepGrid Grid { get; }

    /// <summary>One number a step, valid once open; there is no memory for them before.</summary>
    public double[] Values => _values ??= new double[Grid.Count];

    /// <summary>Computes <see cref="Values"/>.</summary>
    public abstract ValueTask OpenAsync(QueryContext context);

    public abstract void Dispose();
}
