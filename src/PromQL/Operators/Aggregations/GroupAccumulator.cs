namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>What one group of an aggregation has taken in so far, over all steps.</summary>
internal abstract class GroupAccumulator
{
    /// <summary>Metric name, as the aggregation sees it, of the series that is added next; set where it has histograms.</summary>
    public string SeriesName { get; set; } = string.Empty;

    /// <summary>Ends long work on the results.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Memory that it holds now, bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Takes in a series; the column is lent.</summary>
    public abstract void Add(StepColumn column);

    /// <summary>Says what there is to say once all series are in, whether or not the results are asked for.</summary>
    public virtual void Report(AggregationNotes notes)
    {
    }

    /// <summary>Fills the cleared column with the results.</summary>
    public abstract void Finish(StepColumn result);
}
