namespace Deucalion.PromQL.Annotations;

/// <summary>Annotations that are known only when the whole query has been evaluated.</summary>
internal interface IPendingAnnotations
{
    /// <summary>Adds them.</summary>
    void Report(AnnotationSet annotations);
}
