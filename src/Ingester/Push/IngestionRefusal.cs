namespace Deucalion.Ingester.Push;

/// <summary>Why nothing of a request is stored although it is sound.</summary>
/// <param name="Reason">The label of the metric.</param>
/// <param name="Text">Limit, value and key to change.</param>
/// <param name="RetryAfter">When it may be stored; null where it never will be.</param>
internal sealed record IngestionRefusal(string Reason, string Text, TimeSpan? RetryAfter);
