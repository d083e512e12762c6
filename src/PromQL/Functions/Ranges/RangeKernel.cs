using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>A function of a range vector: computes one series over all steps. Stateless or read-only, so that threads share it.</summary>
internal abstract class RangeKernel
{
    /// <summary>Whether the result still is the metric that the samples are of.</summary>
    public virtual bool KeepsName => false;

    /// <summary>Fills the cleared column. Returns the number of samples that the windows held together.</summary>
    public abstract long Evaluate(in RangeInput input, StepColumn output);
}
