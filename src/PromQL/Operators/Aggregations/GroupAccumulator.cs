namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>What one group of an aggregation has taken in so far, over all steps.</summary>
internal abstract class GroupAccumulator
{
    /// <summary>Memory that it holds now, bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Takes in a series; the column is lent.</summary>
    public abstract void Add(StepColumn column);

    /// <summary>Fills the cleared column with the results.</summary>
    public abstract void Finish(StepColumn result, AggregationNotes notes);
}
