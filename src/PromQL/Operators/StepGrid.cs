namespace Deucalion.PromQL.Operators;

/// <summary>The evaluation times of an expression: <c>Start + i*Step</c>, Unix milliseconds. An instant query has one.</summary>
internal readonly record struct StepGrid(long Start, long Step, int Count)
{
    public long End => Start + (Step * (Count - 1));

    public long TimeAt(int step) => Start + (step * Step);

    /// <summary>The first step alone: where a step-invariant expression is evaluated.</summary>
    public StepGrid First => new(Start, Step, 1);
}
