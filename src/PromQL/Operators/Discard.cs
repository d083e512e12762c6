namespace Deucalion.PromQL.Operators;

/// <summary>Takes series that are computed only for what they report.</summary>
internal sealed class Discard : ISeriesConsumer
{
    public static Discard Instance { get; } = new();

    public void Consume(int index, StepColumn column)
    {
    }
}
