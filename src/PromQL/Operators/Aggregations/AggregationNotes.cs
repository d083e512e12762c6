using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Where an aggregation's warnings go.</summary>
/// <param name="Annotations">The query's collection.</param>
/// <param name="Position">Place of the aggregated expression.</param>
/// <param name="Name">Name of the aggregation.</param>
internal sealed record AggregationNotes(AnnotationSet Annotations, PositionRange Position, string Name)
{
    public void HistogramIgnored() => Annotations.Info(AnnotationTexts.HistogramIgnoredInAggregation(Name), Position);

    public void Mixed() => Annotations.Warn(AnnotationTexts.MixedFloatsHistogramsAggregation, Position);
}
